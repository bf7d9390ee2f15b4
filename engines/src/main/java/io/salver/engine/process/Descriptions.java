package io.salver.engine.process;

import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a worker says of its model, in a frame. */
final class Descriptions {
  private static final int UNKNOWN_RANK = 255;

  private Descriptions() {}

  static void write(FrameBuffer out, WorkerDescription description) {
    out.i64(description.memoryBytes());
    out.u16(description.signatures().size());
    description.signatures().forEach(signature -> write(out, signature));
    out.u16(description.metadata().size());
    description.metadata().forEach((key, value) -> out.string(key).bytes(value));
  }

  static void write(FrameBuffer out, Signature signature) {
    out.string(signature.name()).string(signature.methodName());
    write(out, signature.inputs());
    write(out, signature.outputs());
  }

  private static void write(FrameBuffer out, List<TensorSpec> specs) {
    out.u16(specs.size());
    for (TensorSpec spec : specs) {
      out.string(spec.name()).string(spec.nativeName());
      out.u8(Dtypes.code(spec.dtype())).u8(spec.optional() ? 1 : 0);
      Shape shape = spec.shape();
      out.u8(shape.isRankKnown() ? shape.rank() : UNKNOWN_RANK);
      for (int i = 0; i < shape.rank(); i++) {
        out.i64(shape.dim(i));
      }
    }
  }

  static WorkerDescription read(FrameReader in) throws BrokenWorkerException {
    long memoryBytes = in.i64("memory");
    int count = in.u16("signatures");
    if (count == 0 || memoryBytes < 0) {
      throw BrokenWorkerException.garbage(
          "description: %d signatures, memory of %d bytes (expected: at least 1, >= 0)"
              .formatted(count, memoryBytes));
    }
    List<Signature> signatures = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < count; i++) {
      Signature signature = signature(in);
      requireNew(names, "signature", signature.name());
      signatures.add(signature);
    }
    Map<String, byte[]> metadata = new LinkedHashMap<>();
    int entries = in.u16("metadata");
    for (int i = 0; i < entries; i++) {
      metadata.put(in.string("metadata key"), in.bytes("metadata value"));
    }
    return new WorkerDescription(signatures, memoryBytes, metadata);
  }

  static Signature signature(FrameReader in) throws BrokenWorkerException {
    String name = in.string("signature name");
    String methodName = in.string("method name");
    return new Signature(name, methodName, specs(in, "input"), specs(in, "output"));
  }

  private static List<TensorSpec> specs(FrameReader in, String what) throws BrokenWorkerException {
    int count = in.u16(what + "s");
    List<TensorSpec> specs = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < count; i++) {
      String name = in.string(what + " name");
      requireNew(names, what, name);
      String nativeName = in.string("native name");
      var dtype = Dtypes.of(in.u8("element type"));
      boolean optional = in.u8("optional") != 0;
      specs.add(new TensorSpec(name, dtype, shape(in), nativeName, optional));
    }
    return specs;
  }

  private static void requireNew(Set<String> names, String what, String name)
      throws BrokenWorkerException {
    if (!names.add(name)) {
      throw BrokenWorkerException.garbage(
          what + ": \"" + name + "\" twice (expected: each name once)");
    }
  }

  private static Shape shape(FrameReader in) throws BrokenWorkerException {
    int rank = in.u8("rank");
    if (rank == UNKNOWN_RANK) {
      return Shape.UNKNOWN_RANK;
    }
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = in.i64("dimension");
    }
    try {
      return Shape.of(dims);
    } catch (IllegalArgumentException e) {
      throw BrokenWorkerException.garbage(String.valueOf(e.getMessage()));
    }
  }
}
