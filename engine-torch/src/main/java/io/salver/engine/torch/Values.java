package io.salver.engine.torch;

import io.salver.engine.Batch;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.GenericDictIterator;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TupleElements;
import org.bytedeco.pytorch.global.torch;

/** Between Salver's tensors and libtorch's values, in the caller's scope. */
final class Values {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_LEAVES = 10_000;

  private Values() {}

  /**
   * A tensor, number or truth value that a run has returned.
   *
   * @param key in the dictionary that it was in
   */
  record Leaf(Optional<String> key, IValue value) {}

  /** Memory of others. */
  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  /** What an argument of this kind takes, over the tensor's own memory. */
  static IValue argument(ForwardSchema.Kind kind, TensorSpec spec, io.salver.tensor.Tensor tensor) {
    return switch (kind) {
      case TENSOR, OTHER -> new IValue(tensor(tensor));
      case INT -> new IValue(whole(spec, tensor));
      case FLOAT -> new IValue(number(spec, tensor));
      case BOOL -> new IValue(number(spec, tensor) != 0);
    };
  }

  private static Tensor tensor(io.salver.tensor.Tensor tensor) {
    return torch.from_blob(
        new Address(tensor.data().address()),
        tensor.shape().dims(),
        TorchType.options(tensor.dtype()));
  }

  /** The one element of a tensor, as {@link #number}, but with all bits of the longest integers. */
  private static long whole(TensorSpec spec, io.salver.tensor.Tensor tensor) {
    boolean isLong = tensor.dtype() == DType.INT64 || tensor.dtype() == DType.UINT64;
    return isLong && tensor.elementCount() == 1 ? tensor.getLong(0) : (long) number(spec, tensor);
  }

  /** The one element of a tensor. */
  private static double number(TensorSpec spec, io.salver.tensor.Tensor tensor) {
    if (tensor.elementCount() != 1) {
      throw ServingException.invalid(
          "input \"%s\": %s (expected: one element, as forward takes a number)"
              .formatted(spec.name(), tensor));
    }
    return switch (tensor.dtype()) {
      case BOOL, INT8 -> tensor.getByte(0);
      case UINT8 -> Byte.toUnsignedInt(tensor.getByte(0));
      case INT16 -> tensor.getShort(0);
      case UINT16 -> Short.toUnsignedInt(tensor.getShort(0));
      case INT32 -> tensor.getInt(0);
      case UINT32 -> Integer.toUnsignedLong(tensor.getInt(0));
      case INT64, UINT64 -> tensor.getLong(0);
      case FLOAT32 -> tensor.getFloat(0);
      case FLOAT64 -> tensor.getDouble(0);
      case FLOAT16 -> Float.float16ToFloat(tensor.getShort(0));
      case BFLOAT16, COMPLEX64, COMPLEX128, STRING ->
          throw ServingException.invalid(
              "input \"%s\": %s (expected: a number)".formatted(spec.name(), tensor));
    };
  }

  /** What a returned value is made of: tuples, lists and dictionaries taken apart, in order. */
  static List<Leaf> leaves(IValue value) {
    List<Leaf> leaves = new ArrayList<>();
    add(value, Optional.empty(), leaves, 0);
    return leaves;
  }

  private static void add(IValue value, Optional<String> key, List<Leaf> to, int depth) {
    if (depth > MAX_DEPTH || to.size() >= MAX_LEAVES) {
      throw new ServingException(
          Category.INTERNAL,
          "forward: returned more than %d values, or %d within each other (expected: fewer)"
              .formatted(MAX_LEAVES, MAX_DEPTH));
    }
    if (value.isTuple()) {
      TupleElements elements = value.toTuple().elements();
      for (long i = 0; i < elements.size(); i++) {
        add(elements.get(i), Optional.empty(), to, depth + 1);
      }
    } else if (value.isList()) {
      GenericList elements = value.toList();
      for (long i = 0; i < elements.size(); i++) {
        add(elements.get(i), Optional.empty(), to, depth + 1);
      }
    } else if (value.isGenericDict()) {
      addEntries(value.toGenericDict(), to, depth + 1);
    } else {
      to.add(new Leaf(key, value));
    }
  }

  private static void addEntries(GenericDict dictionary, List<Leaf> to, int depth) {
    GenericDictIterator end = dictionary.end();
    for (GenericDictIterator at = dictionary.begin(); at.notEquals(end); at.increment()) {
      IValue key = at.access().key();
      String name = key.isString() ? key.toStringRef().getString() : String.valueOf(key.toInt());
      add(at.access().value(), Optional.of(name), to, depth);
    }
  }

  /** The type of a leaf; empty if Salver has none for it. */
  static Optional<DType> dtype(IValue leaf) {
    if (leaf.isTensor()) {
      return TorchType.of(leaf.toTensor().scalar_type());
    }
    return leaf.isInt()
        ? Optional.of(DType.INT64)
        : leaf.isDouble()
            ? Optional.of(DType.FLOAT64)
            : leaf.isBool() ? Optional.of(DType.BOOL) : Optional.empty();
  }

  /** The shape of a leaf. */
  static Shape shape(IValue leaf) {
    return leaf.isTensor() ? shape(leaf.toTensor()) : Shape.SCALAR;
  }

  private static Shape shape(Tensor tensor) {
    long[] dims = new long[Math.toIntExact(tensor.dim())];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = tensor.size(i);
    }
    return Shape.of(dims);
  }

  /** A copy of a leaf in the batch's memory; its type has been checked. */
  static io.salver.tensor.Tensor copy(IValue leaf, DType dtype, Batch batch) {
    if (leaf.isTensor()) {
      return copy(leaf.toTensor(), dtype, batch);
    }
    io.salver.tensor.Tensor copy = batch.arena().allocate(dtype, Shape.SCALAR);
    switch (dtype) {
      case INT64 -> copy.data().set(ValueLayout.JAVA_LONG, 0, leaf.toInt());
      case FLOAT64 -> copy.data().set(ValueLayout.JAVA_DOUBLE, 0, leaf.toDouble());
      default -> copy.data().set(ValueLayout.JAVA_BYTE, 0, (byte) (leaf.toBool() ? 1 : 0));
    }
    return copy;
  }

  private static io.salver.tensor.Tensor copy(Tensor tensor, DType dtype, Batch batch) {
    Tensor plain = tensor;
    if (tensor.is_conj() || tensor.is_neg()) {
      plain = tensor.resolve_conj().resolve_neg();
    }
    plain = plain.contiguous();
    io.salver.tensor.Tensor copy = batch.arena().allocate(dtype, shape(plain));
    long sizeBytes = copy.data().byteSize();
    if (sizeBytes > 0) {
      copy.data()
          .copyFrom(MemorySegment.ofAddress(plain.data_ptr().address()).reinterpret(sizeBytes));
    }
    return copy;
  }
}
