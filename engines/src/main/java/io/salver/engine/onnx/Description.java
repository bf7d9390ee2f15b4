package io.salver.engine.onnx;

import io.salver.engine.describe.OperatorCounts;
import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a model file says of itself, for a person: who made it, which versions of the operators it
 * asks for, and which operators its graph has. The field numbers are those of onnx.proto.
 */
final class Description {
  private static final String DEFAULT_DOMAIN = "ai.onnx";

  private String producer = "";
  private String producerVersion = "";
  private long irVersion;
  private final Map<String, Long> opsets = new TreeMap<>();
  private final OperatorCounts operators = new OperatorCounts();

  private Description() {}

  /**
   * Reads it out of a whole file.
   *
   * @throws WireFormatException if it is not an ONNX model
   */
  static Map<String, String> of(MemorySegment file) {
    Description description = new Description();
    description.model(new ProtoReader(file));
    return description.entries();
  }

  private Map<String, String> entries() {
    Map<String, String> entries = new LinkedHashMap<>();
    String by = (producer + " " + producerVersion).strip();
    if (!by.isEmpty()) {
      entries.put("made by", by);
    }
    entries.put("IR version", Long.toString(irVersion));
    entries.put("opset", opsets.toString().replaceAll("[{}]", "").replace('=', ' '));
    entries.put("operators", operators.toString());
    return entries;
  }

  private void model(ProtoReader reader) {
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> irVersion = reader.readInt64();
        case 2 -> producer = reader.readString();
        case 3 -> producerVersion = reader.readString();
        case 7 -> graph(reader);
        case 8 -> opset(reader);
        default -> reader.skip();
      }
    }
  }

  private void opset(ProtoReader reader) {
    long outer = reader.enter();
    String domain = "";
    long version = 0;
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> domain = reader.readString();
        case 2 -> version = reader.readInt64();
        default -> reader.skip();
      }
    }
    reader.leave(outer);
    opsets.put(domain.isEmpty() ? DEFAULT_DOMAIN : domain, version);
  }

  private void graph(ProtoReader reader) {
    long outer = reader.enter();
    while (reader.next()) {
      if (reader.field() == 1) {
        node(reader);
      } else {
        reader.skip();
      }
    }
    reader.leave(outer);
  }

  private void node(ProtoReader reader) {
    long outer = reader.enter();
    String type = "";
    String domain = "";
    while (reader.next()) {
      switch (reader.field()) {
        case 4 -> type = reader.readString();
        case 7 -> domain = reader.readString();
        default -> reader.skip();
      }
    }
    reader.leave(outer);
    boolean usual = domain.isEmpty() || domain.equals(DEFAULT_DOMAIN);
    operators.add(usual ? type : domain + "." + type);
  }
}
