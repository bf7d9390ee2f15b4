package io.salver.engine.oip;

import io.salver.engine.Batch;
import io.salver.engine.process.BrokenWorkerException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a ModelInferResponse, with raw or typed contents. */
final class InferResponse {
  private static final int OUTPUTS = 5;
  private static final int RAW_OUTPUTS = 6;
  private static final int NAME = 1;
  private static final int DATATYPE = 2;
  private static final int SHAPE = 3;
  private static final int CONTENTS = 5;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment message;
  private final List<Output> outputs = new ArrayList<>();
  private final List<MemorySegment> raw = new ArrayList<>();

  /** An output's head, and where its typed contents are, if it has any. */
  private record Output(String name, DType dtype, Shape shape, @Nullable MemorySegment contents) {}

  private InferResponse(byte[] message) {
    this.message = MemorySegment.ofArray(message);
  }

  /**
   * Sets the outputs of {@code batch}.
   *
   * @throws BrokenWorkerException if it is no such message
   * @throws ServingException if outputs are missing, or not what the worker has declared
   */
  static void read(byte[] message, Batch batch) throws BrokenWorkerException {
    InferResponse response = new InferResponse(message);
    try {
      response.parse();
      response.setOutputs(batch);
    } catch (WireFormatException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw BrokenWorkerException.garbage("answer: " + e.getMessage());
    }
  }

  private void parse() throws BrokenWorkerException {
    ProtoReader in = new ProtoReader(message);
    while (in.next()) {
      switch (in.field()) {
        case OUTPUTS -> outputs.add(output(in));
        case RAW_OUTPUTS -> raw.add(in.readBytes());
        default -> in.skip();
      }
    }
    if (!raw.isEmpty() && raw.size() != outputs.size()) {
      throw BrokenWorkerException.garbage(
          "answer: %d raw contents for %d outputs (expected: as many, or none)"
              .formatted(raw.size(), outputs.size()));
    }
  }

  private static Output output(ProtoReader in) throws BrokenWorkerException {
    String name = "";
    String datatype = "";
    List<Long> dims = new ArrayList<>();
    MemorySegment contents = null;
    long outer = in.enter();
    while (in.next()) {
      switch (in.field()) {
        case NAME -> name = in.readString();
        case DATATYPE -> datatype = in.readString();
        case SHAPE -> MetadataReader.readDims(in, dims);
        case CONTENTS -> contents = in.readBytes();
        default -> in.skip();
      }
    }
    in.leave(outer);
    String unknown = "output \"" + name + "\": datatype \"" + datatype + "\"";
    DType dtype =
        Datatypes.of(datatype)
            .orElseThrow(() -> BrokenWorkerException.garbage(unknown + " (expected: a known one)"));
    Shape shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
    return new Output(name, dtype, shape, contents);
  }

  private void setOutputs(Batch batch) throws BrokenWorkerException {
    List<TensorSpec> specs = batch.signature().outputs();
    for (int i = 0; i < specs.size(); i++) {
      if (batch.wants(i)) {
        batch.setOutput(i, tensor(specs.get(i), batch.arena()));
      }
    }
  }

  private Tensor tensor(TensorSpec spec, TensorArena arena) throws BrokenWorkerException {
    for (int i = 0; i < outputs.size(); i++) {
      Output output = outputs.get(i);
      if (output.name.equals(spec.name())) {
        if (output.dtype != spec.dtype()
            || !output.shape.isConcrete()
            || !spec.shape().accepts(output.shape)) {
          throw unexpected(spec, output.dtype.toString() + output.shape);
        }
        return raw.isEmpty()
            ? TypedContents.read(output.contents, output.dtype, output.shape, arena)
            : fromRaw(output, raw.get(i), arena);
      }
    }
    throw unexpected(spec, "not there");
  }

  private static ServingException unexpected(TensorSpec spec, String found) {
    return new ServingException(
        Category.INTERNAL,
        "worker: output \"%s\": %s (expected: %s)"
            .formatted(spec.name(), found, spec.dtype().toString() + spec.shape()));
  }

  private static Tensor fromRaw(Output output, MemorySegment bytes, TensorArena arena)
      throws BrokenWorkerException {
    if (output.dtype == DType.STRING) {
      return strings(output.shape, bytes, arena);
    }
    long expected = Tensor.sizeBytes(output.dtype, output.shape);
    if (bytes.byteSize() != expected) {
      throw BrokenWorkerException.garbage(
          "output \"%s\": %d bytes (expected: %d)"
              .formatted(output.name, bytes.byteSize(), expected));
    }
    Tensor tensor = arena.allocate(output.dtype, output.shape);
    tensor.data().copyFrom(bytes);
    return tensor;
  }

  private static Tensor strings(Shape shape, MemorySegment bytes, TensorArena arena) {
    StringTensorBuilder builder = new StringTensorBuilder(arena, 0, bytes.byteSize());
    long at = 0;
    while (at < bytes.byteSize()) {
      long length = Integer.toUnsignedLong(bytes.get(INT, at));
      builder.add(bytes.asSlice(at + Integer.BYTES, length), 0, length);
      at += Integer.BYTES + length;
    }
    return builder.build(shape);
  }
}
