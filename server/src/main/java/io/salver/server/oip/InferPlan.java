package io.salver.server.oip;

import io.salver.model.ModelVersion;
import io.salver.server.inference.Names;
import io.salver.server.json.JsonWriter;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import io.salver.wire.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the codecs know of one signature of one version: everything that is the same for all its
 * requests. Thread-safe.
 */
final class InferPlan {
  private static final int MODEL_NAME = 1;
  private static final int MODEL_VERSION = 2;
  private static final int NAME = 1;
  private static final int DATATYPE = 2;
  private static final String BYTES = Datatypes.name(DType.STRING);

  private final String model;
  private final Signature signature;
  private final Names inputs;
  private final Names outputs;
  private final byte[][] inputDatatypes;
  private final byte[] messageHead;
  private final byte[][] outputHeads;
  private final byte[][] classHeads;
  private final String jsonHead;
  private final String[] jsonOutputHeads;
  private final String[] jsonClassHeads;

  /** The shape that each input had last: most requests have the same, so that it is made once. */
  private final @Nullable Shape[] lastShapes;

  InferPlan(ModelVersion version, Signature signature) {
    List<TensorSpec> outputSpecs = signature.outputs();
    this.model = version.model();
    this.signature = signature;
    this.inputs = new Names(signature.inputs());
    this.outputs = new Names(outputSpecs);
    this.inputDatatypes =
        signature.inputs().stream()
            .map(spec -> Datatypes.name(spec.dtype()).getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);
    String number = Long.toString(version.version());
    this.messageHead =
        new ProtoWriter().string(MODEL_NAME, model).string(MODEL_VERSION, number).toByteArray();
    this.outputHeads =
        outputSpecs.stream()
            .map(spec -> head(spec, Datatypes.name(spec.dtype())))
            .toArray(byte[][]::new);
    this.classHeads = outputSpecs.stream().map(spec -> head(spec, BYTES)).toArray(byte[][]::new);
    JsonWriter json = new JsonWriter();
    json.raw("\"model_name\":").string(model).raw(",\"model_version\":").string(number);
    this.jsonHead = text(json);
    this.jsonOutputHeads =
        outputSpecs.stream()
            .map(spec -> jsonHead(spec, Datatypes.name(spec.dtype())))
            .toArray(String[]::new);
    this.jsonClassHeads =
        outputSpecs.stream().map(spec -> jsonHead(spec, BYTES)).toArray(String[]::new);
    this.lastShapes = new Shape[signature.inputs().size()];
  }

  private static byte[] head(TensorSpec spec, String datatype) {
    return new ProtoWriter().string(NAME, spec.name()).string(DATATYPE, datatype).toByteArray();
  }

  private static String jsonHead(TensorSpec spec, String datatype) {
    JsonWriter json = new JsonWriter();
    json.raw("{\"name\":").string(spec.name()).raw(",\"datatype\":").string(datatype);
    return text(json.raw(",\"shape\":"));
  }

  /** Each byte as one character, for {@link JsonWriter#raw(String)}. */
  private static String text(JsonWriter json) {
    return new String(json.array(), 0, json.size(), StandardCharsets.ISO_8859_1);
  }

  String model() {
    return model;
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

  /** The name of input {@code i}'s type, in ASCII; not to be changed. */
  byte[] inputDatatype(int i) {
    return inputDatatypes[i];
  }

  /** {@code model_name} and {@code model_version} of an answer, serialised; not to be changed. */
  byte[] messageHead() {
    return messageHead;
  }

  /** Name and type of output {@code i} of an answer, likewise. */
  byte[] outputHead(int i, boolean asClasses) {
    return asClasses ? classHeads[i] : outputHeads[i];
  }

  /** Name and version of the model as JSON members, for {@link JsonWriter#raw(String)}. */
  String jsonHead() {
    return jsonHead;
  }

  /** The start of output {@code i} as a JSON object, up to its shape; likewise. */
  String jsonOutputHead(int i, boolean asClasses) {
    return asClasses ? jsonClassHeads[i] : jsonOutputHeads[i];
  }

  /**
   * The shape with the first {@code rank} of {@code dims}, for input {@code i}.
   *
   * @throws IllegalArgumentException as {@link Shape#of}
   */
  Shape shape(int i, long[] dims, int rank) {
    Shape last = lastShapes[i];
    if (last != null && isSame(last, dims, rank)) {
      return last;
    }
    Shape shape = Shape.of(Arrays.copyOf(dims, rank));
    lastShapes[i] = shape;
    return shape;
  }

  private static boolean isSame(Shape shape, long[] dims, int rank) {
    if (shape.rank() != rank) {
      return false;
    }
    for (int d = 0; d < rank; d++) {
      if (shape.dim(d) != dims[d]) {
        return false;
      }
    }
    return true;
  }
}
