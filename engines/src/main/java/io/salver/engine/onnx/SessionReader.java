package io.salver.engine.onnx;

import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Asks a new session for its inputs and outputs. Used once, by the thread that loads. */
final class SessionReader {
  private static final int MAX_RANK = 1 << 16;

  private final OrtApi api;
  private final long session;
  private final long allocator;
  private final Arena arena;
  private final MemorySegment out;

  /**
   * A reader.
   *
   * @param arena for what is needed while reading
   */
  SessionReader(OrtApi api, long session, long allocator, Arena arena) {
    this.api = api;
    this.session = session;
    this.allocator = allocator;
    this.arena = arena;
    this.out = arena.allocate(ValueLayout.JAVA_LONG);
  }

  /** The names of the inputs, or of the outputs, in the model's order. */
  List<String> names(boolean inputs) {
    api.sessionCount(inputs, session, out.address());
    long count = out();
    List<String> names = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      api.sessionName(inputs, session, i, allocator, out.address());
      long pointer = out();
      names.add(OrtApi.text(pointer));
      api.free(allocator, pointer);
    }
    return names;
  }

  /**
   * What input or output {@code i} is.
   *
   * @throws ModelLoadException if Salver has no tensor for it
   */
  OnnxType type(boolean inputs, int i, String name) throws ModelLoadException {
    api.sessionTypeInfo(inputs, session, i, out.address());
    long info = out();
    try {
      return inputs ? inputType(info, name) : outputType(info, name);
    } finally {
      api.releaseTypeInfo(info);
    }
  }

  private OnnxType inputType(long info, String name) throws ModelLoadException {
    int kind = kind(info);
    if (kind != OrtTypes.TENSOR) {
      throw refused("input", name, OrtTypes.kindName(kind), "a tensor");
    }
    return tensor(info, "input", name);
  }

  private OnnxType outputType(long info, String name) throws ModelLoadException {
    int kind = kind(info);
    return switch (kind) {
      case OrtTypes.TENSOR -> tensor(info, "output", name);
      case OrtTypes.MAP -> map(info, name, false);
      case OrtTypes.SEQUENCE -> sequence(info, name);
      default -> throw refused("output", name, OrtTypes.kindName(kind), "a tensor");
    };
  }

  private OnnxType sequence(long info, String name) throws ModelLoadException {
    api.asSequenceInfo(info, out.address());
    api.sequenceElementType(out(), out.address());
    long element = out();
    try {
      int kind = kind(element);
      return switch (kind) {
        case OrtTypes.MAP -> map(element, name, true);
        case OrtTypes.TENSOR -> {
          OnnxType.OfTensor tensor = tensor(element, "output", name);
          if (tensor.dtype() == DType.STRING) {
            throw refused("output", name, "sequence of string tensors", "a sequence of numbers");
          }
          yield new OnnxType.OfTensorSequence(tensor.dtype(), tensor.shape());
        }
        default ->
            throw refused(
                "output",
                name,
                "sequence of " + OrtTypes.kindName(kind),
                "a sequence of tensors or of maps");
      };
    } finally {
      api.releaseTypeInfo(element);
    }
  }

  private OnnxType map(long info, String name, boolean sequence) throws ModelLoadException {
    api.asMapInfo(info, out.address());
    long map = out();
    api.mapKeyType(map, out.address());
    int keys = outInt();
    api.mapValueType(map, out.address());
    long valueInfo = out();
    try {
      DType values = tensor(valueInfo, "output", name).dtype();
      DType labels = OrtTypes.dtype(keys);
      if ((labels != DType.STRING && labels != DType.INT64) || !values.isFixedSize()) {
        throw refused(
            "output",
            name,
            "map from " + OrtTypes.elementName(keys) + " to " + values,
            "a map from int64 or string to numbers");
      }
      return new OnnxType.OfMap(labels, values, sequence);
    } finally {
      api.releaseTypeInfo(valueInfo);
    }
  }

  private OnnxType.OfTensor tensor(long info, String role, String name) throws ModelLoadException {
    api.asTensorInfo(info, out.address());
    long tensor = out();
    api.elementType(tensor, out.address());
    int element = outInt();
    DType dtype = OrtTypes.dtype(element);
    if (dtype == null || dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128) {
      throw refused(
          role,
          name,
          "tensor of " + OrtTypes.elementName(element),
          "bool, an integer of 8 to 64 bits, float16, bfloat16, float, double or string");
    }
    if (!api.hasShape(tensor)) {
      return new OnnxType.OfTensor(dtype, Shape.UNKNOWN_RANK, List.of());
    }
    api.dimensionCount(tensor, out.address());
    int rank = (int) Math.min(out(), MAX_RANK);
    return new OnnxType.OfTensor(dtype, shape(tensor, rank), symbols(tensor, rank));
  }

  private Shape shape(long tensor, int rank) {
    MemorySegment dims = arena.allocate(ValueLayout.JAVA_LONG, Math.max(rank, 1));
    api.dimensions(tensor, dims.address(), rank);
    long[] known = new long[rank];
    for (int i = 0; i < rank; i++) {
      known[i] = Math.max(dims.getAtIndex(ValueLayout.JAVA_LONG, i), -1);
    }
    return Shape.of(known);
  }

  private List<String> symbols(long tensor, int rank) {
    MemorySegment pointers = arena.allocate(ValueLayout.JAVA_LONG, Math.max(rank, 1));
    api.symbolicDimensions(tensor, pointers.address(), rank);
    List<String> symbols = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      symbols.add(OrtApi.text(pointers.getAtIndex(ValueLayout.JAVA_LONG, i)));
    }
    return symbols;
  }

  private int kind(long info) {
    api.onnxType(info, out.address());
    return outInt();
  }

  private long out() {
    return out.get(ValueLayout.JAVA_LONG, 0);
  }

  private int outInt() {
    return out.get(ValueLayout.JAVA_INT, 0);
  }

  private static ModelLoadException refused(
      String role, String name, String actual, String expected) {
    return new ModelLoadException(
        role + " \"" + name + "\": " + actual + " (expected: " + expected + ")");
  }
}
