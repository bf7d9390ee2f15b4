package io.salver.engine.oip;

import io.salver.engine.process.BrokenWorkerException;
import io.salver.engine.process.WorkerDescription;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a ModelMetadataResponse. */
final class MetadataReader {
  private static final int INPUTS = 4;
  private static final int OUTPUTS = 5;
  private static final int TENSOR_NAME = 1;
  private static final int TENSOR_DATATYPE = 2;
  private static final int TENSOR_SHAPE = 3;
  private static final int MAX_RANK = 64;

  private MetadataReader() {}

  static WorkerDescription read(byte[] message) throws BrokenWorkerException {
    List<TensorSpec> inputs = new ArrayList<>();
    List<TensorSpec> outputs = new ArrayList<>();
    try {
      ProtoReader in = new ProtoReader(MemorySegment.ofArray(message));
      while (in.next()) {
        switch (in.field()) {
          case INPUTS -> inputs.add(tensor(in));
          case OUTPUTS -> outputs.add(tensor(in));
          default -> in.skip();
        }
      }
    } catch (WireFormatException | IllegalArgumentException e) {
      throw BrokenWorkerException.garbage("model metadata: " + e.getMessage());
    }
    requireNames(inputs);
    requireNames(outputs);
    Signature signature = new Signature(Signature.DEFAULT_NAME, "", inputs, outputs);
    return new WorkerDescription(List.of(signature), 0, Map.of());
  }

  private static TensorSpec tensor(ProtoReader in) throws BrokenWorkerException {
    String name = "";
    String datatype = "";
    List<Long> dims = new ArrayList<>();
    long outer = in.enter();
    while (in.next()) {
      switch (in.field()) {
        case TENSOR_NAME -> name = in.readString();
        case TENSOR_DATATYPE -> datatype = in.readString();
        case TENSOR_SHAPE -> {
          readDims(in, dims);
          if (dims.size() > MAX_RANK) {
            throw BrokenWorkerException.garbage(
                "model metadata: \"%s\": rank %d (expected: at most %d)"
                    .formatted(name, dims.size(), MAX_RANK));
          }
        }
        default -> in.skip();
      }
    }
    in.leave(outer);
    String unknown = "model metadata: \"" + name + "\": datatype \"" + datatype + "\"";
    DType dtype =
        Datatypes.of(datatype)
            .orElseThrow(() -> BrokenWorkerException.garbage(unknown + " (expected: a known one)"));
    long[] shape = dims.stream().mapToLong(dim -> Math.max(dim, -1)).toArray();
    return TensorSpec.of(name, dtype, Shape.of(shape));
  }

  /** A repeated number, packed or not. */
  static void readDims(ProtoReader in, List<Long> dims) {
    if (in.wireType() != ProtoReader.LENGTH_DELIMITED) {
      dims.add(in.readInt64());
      return;
    }
    long outer = in.enter();
    while (in.hasRemaining()) {
      dims.add(in.readVarint());
    }
    in.leave(outer);
  }

  private static void requireNames(List<TensorSpec> specs) throws BrokenWorkerException {
    Set<String> names = new HashSet<>();
    for (TensorSpec spec : specs) {
      if (!names.add(spec.name())) {
        throw BrokenWorkerException.garbage(
            "model metadata: \"" + spec.name() + "\" twice (expected: each name once)");
      }
    }
    if (specs.isEmpty()) {
      throw BrokenWorkerException.garbage("model metadata: no tensors (expected: at least one)");
    }
  }
}
