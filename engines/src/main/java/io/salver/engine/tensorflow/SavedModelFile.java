package io.salver.engine.tensorflow;

import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A {@code saved_model.pb}: what Salver needs to know of it before, or without, TensorFlow reads
 * it.
 *
 * <p>The segments are views of the file's memory and live as long as that. Every method throws
 * {@link io.salver.wire.WireFormatException} for bytes that are not such a message.
 *
 * @param graphs in the file's order
 */
record SavedModelFile(List<MetaGraph> graphs) {
  /** The number of the field that holds the graphs. */
  static final int META_GRAPHS = 2;

  /**
   * A graph with the ways to call it.
   *
   * @param tags what the graph is for, as {@code serve}
   * @param version the TensorFlow that wrote it; may be empty
   * @param graph a {@code GraphDef}
   * @param restoreOp the operation that reads the variables; empty if there is none
   * @param assets the files below {@code assets/} that the graph reads
   * @param signatures serialised {@code SignatureDef}s by name, sorted
   */
  record MetaGraph(
      List<String> tags,
      String version,
      MemorySegment graph,
      String restoreOp,
      List<String> assets,
      Map<String, MemorySegment> signatures) {}

  static SavedModelFile read(MemorySegment file) {
    ProtoReader reader = new ProtoReader(file);
    List<MetaGraph> graphs = new ArrayList<>();
    while (reader.next()) {
      if (reader.field() == META_GRAPHS) {
        graphs.add(readMetaGraph(reader.readBytes()));
      } else {
        reader.skip();
      }
    }
    return new SavedModelFile(graphs);
  }

  private static MetaGraph readMetaGraph(MemorySegment message) {
    ProtoReader reader = new ProtoReader(message);
    List<String> tags = List.of();
    String version = "";
    MemorySegment graph = MemorySegment.ofArray(new byte[0]);
    String restoreOp = "";
    List<String> assets = new ArrayList<>();
    Map<String, MemorySegment> signatures = new TreeMap<>();
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> {
          MemorySegment info = reader.readBytes();
          tags = strings(info, 4);
          version = last(strings(info, 5));
        }
        case 2 -> graph = reader.readBytes();
        case 3 -> restoreOp = last(strings(reader.readBytes(), 3));
        case 5 -> readMapEntry(reader.readBytes(), signatures);
        case 6 -> assets.add(last(strings(reader.readBytes(), 2)));
        default -> reader.skip();
      }
    }
    return new MetaGraph(tags, version, graph, restoreOp, assets, signatures);
  }

  /** Adds an entry of a {@code map<string, message>}; of equal keys the last one counts. */
  static void readMapEntry(MemorySegment entry, Map<String, MemorySegment> map) {
    ProtoReader reader = new ProtoReader(entry);
    String key = "";
    MemorySegment value = MemorySegment.ofArray(new byte[0]);
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> key = reader.readString();
        case 2 -> value = reader.readBytes();
        default -> reader.skip();
      }
    }
    map.put(key, value);
  }

  private static List<String> strings(MemorySegment message, int field) {
    ProtoReader reader = new ProtoReader(message);
    List<String> values = new ArrayList<>();
    while (reader.next()) {
      if (reader.field() == field) {
        values.add(reader.readString());
      } else {
        reader.skip();
      }
    }
    values.sort(Comparator.naturalOrder());
    return List.copyOf(values);
  }

  private static String last(List<String> values) {
    return values.isEmpty() ? "" : values.getLast();
  }
}
