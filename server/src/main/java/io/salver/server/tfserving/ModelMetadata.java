package io.salver.server.tfserving;

import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import io.salver.engine.LoadedModel;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.proto.DataType;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.SignatureDef;
import io.salver.server.tfserving.proto.SignatureDefMap;
import io.salver.server.tfserving.proto.TensorInfo;
import io.salver.server.tfserving.proto.TensorShapeProto;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.Optional;

/**
 * What a version says of its signatures.
 *
 * @param modelSpec which version it is
 * @param signatures as the model's own files have them, or as {@link LoadedModel#signatures} where
 *     the format has no such thing
 */
record ModelMetadata(ModelSpec modelSpec, SignatureDefMap signatures) {
  /** The one kind of metadata that there is. */
  static final String FIELD = "signature_def";

  /** Where an engine that has a serialised {@code SignatureDefMap} gives it. */
  private static final String ENGINE_KEY = "tensorflow.signature_def";

  static ModelMetadata of(ModelLease lease) {
    return new ModelMetadata(modelSpec(lease.version()), signatures(lease.model()));
  }

  private static ModelSpec modelSpec(ModelVersion version) {
    return ModelSpec.newBuilder()
        .setName(version.model())
        .setVersion(Int64Value.of(version.version()))
        .build();
  }

  private static SignatureDefMap signatures(LoadedModel model) {
    Optional<byte[]> own = model.metadata(ENGINE_KEY);
    if (own.isPresent()) {
      try {
        return SignatureDefMap.parseFrom(own.get());
      } catch (InvalidProtocolBufferException e) {
        throw new ServingException(
            Category.INTERNAL, "metadata " + ENGINE_KEY + ": " + e.getMessage(), e);
      }
    }
    SignatureDefMap.Builder map = SignatureDefMap.newBuilder();
    model.signatures().forEach((name, signature) -> map.putSignatureDef(name, def(signature)));
    return map.build();
  }

  private static SignatureDef def(Signature signature) {
    SignatureDef.Builder def = SignatureDef.newBuilder().setMethodName(signature.methodName());
    signature.inputs().forEach(spec -> def.putInputs(spec.name(), info(spec)));
    signature.outputs().forEach(spec -> def.putOutputs(spec.name(), info(spec)));
    return def.build();
  }

  private static TensorInfo info(TensorSpec spec) {
    return TensorInfo.newBuilder()
        .setName(spec.nativeName())
        .setDtype(DataType.forNumber(TensorTypes.number(spec.dtype())))
        .setTensorShape(shape(spec.shape()))
        .build();
  }

  private static TensorShapeProto shape(Shape shape) {
    TensorShapeProto.Builder proto =
        TensorShapeProto.newBuilder().setUnknownRank(!shape.isRankKnown());
    for (int i = 0; i < shape.rank(); i++) {
      proto.addDim(TensorShapeProto.Dim.newBuilder().setSize(shape.dim(i)));
    }
    return proto.build();
  }
}
