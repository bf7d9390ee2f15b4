package io.salver.server.tfserving;

import io.salver.model.ModelVersion;
import io.salver.server.inference.Names;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import io.salver.wire.ProtoWriter;

/**
 * What the gRPC codec knows of one signature of one version: everything that is the same for all
 * its requests. Immutable.
 */
final class SignaturePlan {
  private final Signature signature;
  private final Names inputs;
  private final Names outputs;
  private final boolean hasOptionalInputs;
  private final byte[] modelSpec;

  SignaturePlan(ModelVersion version, Signature signature) {
    this.signature = signature;
    this.inputs = new Names(signature.inputs());
    this.outputs = new Names(signature.outputs());
    this.hasOptionalInputs = signature.inputs().stream().anyMatch(TensorSpec::optional);
    this.modelSpec = modelSpec(version, signature.name()).toByteArray();
  }

  /** The {@code ModelSpec} that answers carry: who answered. */
  static ProtoWriter modelSpec(ModelVersion version, String signature) {
    ProtoWriter value = new ProtoWriter();
    if (version.version() != 0) {
      value.int64(1, version.version());
    }
    ProtoWriter spec = new ProtoWriter().string(1, version.model()).message(2, value);
    return signature.isEmpty() ? spec : spec.string(3, signature);
  }

  Signature signature() {
    return signature;
  }

  Names inputs() {
    return inputs;
  }

  Names outputs() {
    return outputs;
  }

  boolean hasOptionalInputs() {
    return hasOptionalInputs;
  }

  /** The {@link #modelSpec} of answers, serialised; not to be changed. */
  byte[] modelSpec() {
    return modelSpec;
  }
}
