package io.salver.engine.tflite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds a file's operators against its tensors and subgraphs.
 *
 * <p>The library runs a subgraph within another by recursion, so a subgraph that came to call
 * itself would use up the stack of the thread that runs it.
 */
final class OperatorCheck {
  private static final int RESHAPE = 22;
  private static final int SPLIT = 49;
  private static final int ASSIGN_VARIABLE = 144;
  private static final int MAX_DEPTH = 16;

  /** How an operator names the subgraphs that it runs. */
  private record Caller(int optionsField, int optionsType, int[] fields) {}

  private static final Map<Integer, Caller> CALLERS =
      Map.of(
          118, new Caller(3, 92, new int[] {0, 1}), // if
          119, new Caller(3, 93, new int[] {0, 1}), // while
          129, new Caller(3, 103, new int[] {0}), // call once
          190, new Caller(11, 7, new int[] {6}), // stablehlo scatter
          198, new Caller(11, 13, new int[] {5}), // stablehlo reduce window
          200, new Caller(11, 15, new int[] {0, 1}), // stablehlo while
          206, new Caller(11, 21, new int[] {1})); // stablehlo composite

  private final int[] codes;
  private final Map<Integer, List<Integer>> calls = new HashMap<>();
  private boolean stateful;
  private boolean idle;

  OperatorCheck(List<FlatTable> operatorCodes) {
    this.codes = new int[operatorCodes.size()];
    for (int i = 0; i < codes.length; i++) {
      FlatTable code = operatorCodes.get(i);
      code.string(1);
      codes[i] = Math.max(code.uint8(0), code.int32(3));
    }
  }

  /** Whether an operator writes what later runs read. */
  boolean isStateful() {
    return stateful;
  }

  /** Whether there is an operator whose outputs nothing reads: XNNPACK ends the process over it. */
  boolean hasIdleOperators() {
    return idle;
  }

  /** Checks the operators of a graph; {@link #checkCalls} is to follow when all are known. */
  void check(int index, Graph graph, List<FlatTable> operators) {
    boolean[] written = new boolean[graph.tensors().size()];
    for (int i = 0; i < written.length; i++) {
      GraphTensor tensor = graph.tensors().get(i);
      written[i] = tensor.constant() || tensor.variable() || tensor.shape().elementCount() == 0;
    }
    for (int input : graph.inputs()) {
      if (graph.tensors().get(input).constant()) {
        throw broken(index, -1, "the graph's input is tensor " + input + ", a constant");
      }
      written[input] = true;
    }
    for (int i = 0; i < operators.size(); i++) {
      check(index, i, graph, operators.get(i), written);
    }
    for (int output : graph.outputs()) {
      if (!written[output]) {
        throw broken(
            index, -1, "the graph's output is tensor " + output + ", which nothing writes");
      }
    }
    idle |= hasIdle(graph, operators);
  }

  private boolean hasIdle(Graph graph, List<FlatTable> operators) {
    boolean[] read = new boolean[graph.tensors().size()];
    for (int output : graph.outputs()) {
      read[output] = true;
    }
    for (FlatTable operator : operators) {
      Arrays.stream(operator.int32s(1)).filter(t -> t >= 0).forEach(t -> read[t] = true);
    }
    for (FlatTable operator : operators) {
      int[] outputs = Arrays.stream(operator.int32s(2)).filter(t -> t >= 0).toArray();
      long unread = Arrays.stream(outputs).filter(t -> !read[t]).count();
      int needed = codes[(int) operator.uint32(0)] == SPLIT ? 1 : outputs.length;
      if (unread > 0 && unread >= needed) {
        return true;
      }
    }
    return false;
  }

  private void check(int index, int i, Graph graph, FlatTable operator, boolean[] written) {
    int code = code(index, i, operator);
    stateful |= code == ASSIGN_VARIABLE;
    String problem = OptionsCheck.problem(code, operator);
    if (!problem.isEmpty()) {
      throw broken(index, i, problem);
    }
    int[] inputs = operator.int32s(1);
    for (int at = 0; at < inputs.length; at++) {
      int tensor = inputs[at];
      checkIndex(index, i, tensor, -1, written);
      if (tensor >= 0 && !written[tensor] && !(code == RESHAPE && at == 1)) {
        throw broken(index, i, "reads tensor " + tensor + ", which nothing has written");
      }
    }
    for (int tensor : operator.int32s(8)) {
      checkIndex(index, i, tensor, -1, written);
    }
    for (int tensor : operator.int32s(2)) {
      checkIndex(index, i, tensor, -1, written);
      if (tensor >= 0) {
        if (graph.tensors().get(tensor).constant()) {
          throw broken(index, i, "writes tensor " + tensor + ", a constant");
        }
        written[tensor] = true;
      }
    }
    addCalls(index, i, code, operator);
  }

  private int code(int index, int i, FlatTable operator) {
    long opcode = operator.uint32(0);
    if (opcode >= codes.length) {
      throw broken(index, i, "operator code %d of %d".formatted(opcode, codes.length));
    }
    return codes[(int) opcode];
  }

  private static void checkIndex(int index, int i, int tensor, int least, boolean[] written) {
    if (tensor < least || tensor >= written.length) {
      throw broken(
          index, i, "tensor %d (expected: %d to %d)".formatted(tensor, least, written.length - 1));
    }
  }

  private void addCalls(int index, int i, int code, FlatTable operator) {
    Caller caller = CALLERS.get(code);
    if (caller == null) {
      return;
    }
    @Nullable FlatTable options = operator.table(caller.optionsField + 1);
    if (options == null || operator.uint8(caller.optionsField) != caller.optionsType) {
      throw broken(index, i, "options of another kind than the operator " + code + " has");
    }
    for (int field : caller.fields) {
      calls.computeIfAbsent(index, key -> new ArrayList<>()).add(options.int32(field));
    }
  }

  /**
   * Checks that operators name subgraphs which exist, and that these do not call each other in a
   * circle, nor too deep.
   */
  void checkCalls(int graphs) {
    int[] depths = new int[graphs];
    for (Map.Entry<Integer, List<Integer>> call : calls.entrySet()) {
      for (int target : call.getValue()) {
        if (target < 0 || target >= graphs) {
          throw broken(call.getKey(), -1, "runs subgraph %d of %d".formatted(target, graphs));
        }
      }
    }
    // A path without a circle settles in as many rounds as it is long.
    for (int round = 0; round <= MAX_DEPTH; round++) {
      if (!deepen(depths)) {
        return;
      }
    }
    throw BrokenModelException.of(
        "subgraphs: call each other in a circle, or deeper than " + MAX_DEPTH);
  }

  private boolean deepen(int[] depths) {
    boolean changed = false;
    for (Map.Entry<Integer, List<Integer>> call : calls.entrySet()) {
      for (int target : call.getValue()) {
        int depth = depths[call.getKey()] + 1;
        if (depths[target] < depth) {
          depths[target] = depth;
          changed = true;
        }
      }
    }
    return changed;
  }

  private static BrokenModelException broken(int graph, int operator, String what) {
    String where = operator < 0 ? "" : ", operator " + operator;
    return BrokenModelException.of("subgraph " + graph + where + ": " + what);
  }
}
