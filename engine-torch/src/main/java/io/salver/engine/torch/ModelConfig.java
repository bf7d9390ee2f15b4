package io.salver.engine.torch;

import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.wire.TextMessage;
import io.salver.wire.WireFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@code config.pbtxt} beside a model's versions says of its inputs and outputs, as Triton
 * has it: a TorchScript archive does not know the types and shapes of its tensors.
 *
 * @param inputs those that are declared, in order
 * @param outputs likewise
 */
record ModelConfig(List<Declared> inputs, List<Declared> outputs) {
  private static final String FILE_NAME = "config.pbtxt";
  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final int MAX_FIELDS = 100_000;

  private static final Map<String, DType> TYPES =
      Map.ofEntries(
          Map.entry("TYPE_BOOL", DType.BOOL),
          Map.entry("TYPE_UINT8", DType.UINT8),
          Map.entry("TYPE_UINT16", DType.UINT16),
          Map.entry("TYPE_UINT32", DType.UINT32),
          Map.entry("TYPE_UINT64", DType.UINT64),
          Map.entry("TYPE_INT8", DType.INT8),
          Map.entry("TYPE_INT16", DType.INT16),
          Map.entry("TYPE_INT32", DType.INT32),
          Map.entry("TYPE_INT64", DType.INT64),
          Map.entry("TYPE_FP16", DType.FLOAT16),
          Map.entry("TYPE_BF16", DType.BFLOAT16),
          Map.entry("TYPE_FP32", DType.FLOAT32),
          Map.entry("TYPE_FP64", DType.FLOAT64));

  /**
   * A tensor as it is declared.
   *
   * @param shape with the dimension of the batch, if the configuration has one
   */
  record Declared(String name, DType dtype, Shape shape) {
    /**
     * The number after a double underscore, by which Triton finds a tensor; -1 if there is none.
     */
    int position() {
      int at = name.lastIndexOf("__");
      if (at < 0) {
        return -1;
      }
      try {
        return Integer.parseUnsignedInt(name.substring(at + 2));
      } catch (NumberFormatException e) {
        return -1;
      }
    }
  }

  /**
   * The file in the directory above a version's.
   *
   * @return empty if there is none
   * @throws ModelLoadException if it cannot be read, or declares a tensor that cannot be
   */
  static Optional<ModelConfig> beside(ModelFiles files) throws ModelLoadException {
    Path model = files.directory().getParent();
    if (model == null || !Files.isRegularFile(model.resolve(FILE_NAME))) {
      return Optional.empty();
    }
    Path file = model.resolve(FILE_NAME);
    try {
      long size = Files.size(file);
      if (size > MAX_FILE_BYTES) {
        throw new ModelLoadException(
            file + ": " + size + " bytes (expected: at most " + MAX_FILE_BYTES + ")");
      }
      return Optional.of(of(TextMessage.parse(Files.readString(file), MAX_FIELDS)));
    } catch (WireFormatException | IllegalArgumentException | IOException e) {
      throw new ModelLoadException(file + ": " + e.getMessage(), e);
    }
  }

  private static ModelConfig of(TextMessage message) {
    boolean batched = message.value("max_batch_size").map(Integer::parseInt).orElse(0) > 0;
    return new ModelConfig(
        declared(message.messages("input"), batched),
        declared(message.messages("output"), batched));
  }

  private static List<Declared> declared(List<TextMessage> messages, boolean batched) {
    List<Declared> all = new ArrayList<>();
    for (TextMessage message : messages) {
      String name = message.value("name").orElse("");
      String type = message.value("data_type").orElse("none").toUpperCase(Locale.ROOT);
      DType dtype = TYPES.get(type);
      if (dtype == null) {
        throw new IllegalArgumentException(
            "tensor \""
                + name
                + "\": data_type: "
                + type
                + " (expected: one of "
                + TYPES.keySet()
                + ")");
      }
      List<Long> dims = new ArrayList<>();
      if (batched) {
        dims.add(-1L);
      }
      message.values("dims").forEach(dim -> dims.add(Long.parseLong(dim)));
      all.add(
          new Declared(name, dtype, Shape.of(dims.stream().mapToLong(Long::longValue).toArray())));
    }
    return all;
  }
}
