package io.salver.engine.tensorflow;

import io.salver.engine.describe.OperatorCounts;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What operations a {@code GraphDef} has, and which of them lie behind a tensor. */
final class GraphOps {
  private static final Set<String> VARIABLES = Set.of("Variable", "VariableV2", "VarHandleOp");
  private static final int NODES = 1;
  private static final int LIBRARY = 2;
  private static final int FUNCTIONS = 1;
  private static final int FUNCTION_NODES = 3;
  private static final int NODE_TYPE = 2;

  /**
   * An operation in the graph or in a function.
   *
   * @param type what it does, as {@code MatMul}, or the name of a function
   * @param inputs the names of the operations that it needs; only for those of the graph itself
   * @param functions the functions that it may call
   */
  private record Node(String type, List<String> inputs, List<String> functions) {}

  private final Map<String, Node> nodes = new HashMap<>();
  private final Map<String, List<Node>> functions = new HashMap<>();

  private GraphOps() {}

  /**
   * A graph's size.
   *
   * @param nodes the operations, those of its functions included
   * @param hasVariables whether it has variables
   */
  record Census(long nodes, boolean hasVariables) {}

  /** Counts without reading more than that needs. */
  static Census count(MemorySegment graph) {
    ProtoReader reader = new ProtoReader(graph);
    long nodes = 0;
    boolean hasVariables = false;
    while (reader.next()) {
      switch (reader.field()) {
        case NODES -> {
          nodes++;
          hasVariables |= VARIABLES.contains(readText(reader.readBytes(), NODE_TYPE));
        }
        case LIBRARY -> nodes += countFunctionNodes(reader.readBytes());
        default -> reader.skip();
      }
    }
    return new Census(nodes, hasVariables);
  }

  private static long countFunctionNodes(MemorySegment library) {
    ProtoReader reader = new ProtoReader(library);
    long nodes = 0;
    while (reader.next()) {
      if (reader.field() == FUNCTIONS) {
        ProtoReader function = new ProtoReader(reader.readBytes());
        while (function.next()) {
          nodes += function.field() == FUNCTION_NODES ? 1 : 0;
          function.skip();
        }
      } else {
        reader.skip();
      }
    }
    return nodes;
  }

  static GraphOps read(MemorySegment graph) {
    GraphOps ops = new GraphOps();
    ProtoReader reader = new ProtoReader(graph);
    while (reader.next()) {
      switch (reader.field()) {
        case NODES -> {
          MemorySegment node = reader.readBytes();
          ops.nodes.put(readText(node, 1), readNode(node));
        }
        case LIBRARY -> ops.readLibrary(reader.readBytes());
        default -> reader.skip();
      }
    }
    return ops;
  }

  private void readLibrary(MemorySegment library) {
    ProtoReader reader = new ProtoReader(library);
    while (reader.next()) {
      if (reader.field() == FUNCTIONS) {
        readFunction(reader.readBytes());
      } else {
        reader.skip();
      }
    }
  }

  private void readFunction(MemorySegment function) {
    ProtoReader reader = new ProtoReader(function);
    String name = "";
    List<Node> body = new ArrayList<>();
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> name = readText(reader.readBytes(), 1);
        case FUNCTION_NODES -> body.add(readNode(reader.readBytes()));
        default -> reader.skip();
      }
    }
    functions.put(name, body);
  }

  private static Node readNode(MemorySegment node) {
    ProtoReader reader = new ProtoReader(node);
    String type = "";
    List<String> inputs = new ArrayList<>();
    List<String> called = new ArrayList<>();
    while (reader.next()) {
      switch (reader.field()) {
        case NODE_TYPE -> type = reader.readString();
        case 3 -> inputs.add(operationName(reader.readString()));
        case 5 -> readAttribute(reader.readBytes(), called);
        default -> reader.skip();
      }
    }
    return new Node(type, inputs, called);
  }

  private static void readAttribute(MemorySegment entry, List<String> called) {
    ProtoReader reader = new ProtoReader(entry);
    while (reader.next()) {
      if (reader.field() == 2) {
        readAttributeValue(reader.readBytes(), called);
      } else {
        reader.skip();
      }
    }
  }

  private static void readAttributeValue(MemorySegment value, List<String> called) {
    ProtoReader reader = new ProtoReader(value);
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> readFunctionList(reader.readBytes(), called);
        case 10 -> called.add(readText(reader.readBytes(), 1));
        default -> reader.skip();
      }
    }
  }

  private static void readFunctionList(MemorySegment list, List<String> called) {
    ProtoReader reader = new ProtoReader(list);
    while (reader.next()) {
      if (reader.field() == 9) {
        called.add(readText(reader.readBytes(), 1));
      } else {
        reader.skip();
      }
    }
  }

  private static String readText(MemorySegment message, int field) {
    ProtoReader reader = new ProtoReader(message);
    String text = "";
    while (reader.next()) {
      if (reader.field() == field) {
        text = reader.readString();
      } else {
        reader.skip();
      }
    }
    return text;
  }

  /** The operation of a tensor, as {@code x} for {@code x:0}, {@code x} and {@code ^x}. */
  private static String operationName(String tensorName) {
    int from = tensorName.startsWith("^") ? 1 : 0;
    int colon = tensorName.indexOf(':');
    return tensorName.substring(from, colon < 0 ? tensorName.length() : colon);
  }

  /**
   * The operations, those of functions included; calls of functions count by the function's name.
   */
  OperatorCounts counts() {
    OperatorCounts counts = new OperatorCounts();
    nodes.values().forEach(node -> counts.add(node.type()));
    functions.values().forEach(body -> body.forEach(node -> counts.add(node.type())));
    return counts;
  }

  /**
   * The types of all operations that may run when a tensor is computed from the graph's beginning,
   * those inside functions included.
   *
   * @param tensorName as {@code y:0}
   */
  Set<String> typesBehind(String tensorName) {
    Set<String> types = new HashSet<>();
    Set<String> seenFunctions = new HashSet<>();
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>();
    open.add(operationName(tensorName));
    while (!open.isEmpty()) {
      String name = open.remove();
      Node node = nodes.get(name);
      if (node != null && seen.add(name)) {
        addTypes(node, types, seenFunctions);
        open.addAll(node.inputs);
      }
    }
    return types;
  }

  private void addTypes(Node first, Set<String> types, Set<String> seenFunctions) {
    Deque<Node> open = new ArrayDeque<>(List.of(first));
    while (!open.isEmpty()) {
      Node node = open.remove();
      List<String> called = new ArrayList<>(node.functions);
      (functions.containsKey(node.type) ? called : types).add(node.type);
      for (String function : called) {
        if (seenFunctions.add(function)) {
          open.addAll(functions.getOrDefault(function, List.of()));
        }
      }
    }
  }
}
