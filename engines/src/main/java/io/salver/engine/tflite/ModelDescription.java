package io.salver.engine.tflite;

import io.salver.engine.describe.OperatorCounts;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a model file says of itself, for a person. */
final class ModelDescription {
  private static final int CUSTOM = 32;
  private static final String MINIMUM_VERSION = "min_runtime_version";

  private ModelDescription() {}

  /**
   * Who made it, the version that it needs, its operators, and how its inputs and outputs stand for
   * numbers.
   *
   * @throws BrokenModelException if it is no model
   */
  static Map<String, String> of(MemorySegment content) {
    ModelOutline outline = ModelReader.read(content);
    FlatTable model = new FlatFile(content).root();
    Map<String, String> entries = new LinkedHashMap<>();
    put(entries, "made by", model.string(3));
    MemorySegment version = outline.metadata().get(MINIMUM_VERSION);
    if (version != null) {
      String text = new String(version.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
      put(entries, "needs", "TensorFlow Lite " + text.replace("\0", "").strip());
    }
    entries.put("operators", operators(model));
    Graph main = outline.graphs().getFirst();
    List<String> quantised = new ArrayList<>();
    for (int i = 0; i < main.inputs().length; i++) {
      addQuantised(main.input(i), quantised);
    }
    for (int i = 0; i < main.outputs().length; i++) {
      addQuantised(main.output(i), quantised);
    }
    put(entries, "quantised", String.join(", ", quantised));
    return entries;
  }

  private static void put(Map<String, String> entries, String key, String value) {
    if (!value.isBlank()) {
      entries.put(key, value);
    }
  }

  private static String operators(FlatTable model) {
    List<String> names = new ArrayList<>();
    for (FlatTable code : model.tables(1)) {
      int number = Math.max(code.uint8(0), code.int32(3));
      names.add(number == CUSTOM ? code.string(1) : OperatorNames.of(number));
    }
    OperatorCounts counts = new OperatorCounts();
    for (FlatTable graph : model.tables(2)) {
      for (FlatTable operator : graph.tables(3)) {
        counts.add(names.get((int) operator.uint32(0)));
      }
    }
    return counts.toString();
  }

  private static void addQuantised(GraphTensor tensor, List<String> quantised) {
    tensor
        .quantisation()
        .ifPresent(by ->
            quantised.add(
                "%s = %s * (%s - %d)"
                    .formatted(tensor.name(), by.scale(), tensor.type(), by.zeroPoint())));
  }
}
