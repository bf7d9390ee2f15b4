package io.salver.bench;

import io.salver.wire.ProtoWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a gRPC message to a file: length-prefixed, with one FLOAT tensor of shape [1] that holds
 * 1.0. Needs nothing but core, so that it can be started from source.
 */
public final class PredictBody {
  private static final int DT_FLOAT = 1;

  private PredictBody() {}

  /** Takes the API, the file to write, the model's name and the input's. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 4) {
      System.err.println(
          "arguments: " + arguments.length + " (expected: tfserving|oip FILE MODEL INPUT)");
      System.exit(2);
    }
    ProtoWriter message =
        switch (arguments[0]) {
          case "tfserving" -> tensorFlowServing(arguments[2], arguments[3]);
          case "oip" -> openInference(arguments[2], arguments[3]);
          default ->
              throw new IllegalArgumentException(arguments[0] + " (expected: tfserving or oip)");
        };
    byte[] request = message.toByteArray();
    Files.write(
        Path.of(arguments[1]),
        ByteBuffer.allocate(5 + request.length)
            .put((byte) 0)
            .putInt(request.length)
            .put(request)
            .array());
  }

  /** A {@code tensorflow.serving.PredictRequest}. */
  private static ProtoWriter tensorFlowServing(String model, String input) {
    ProtoWriter dim = new ProtoWriter().int64(1, 1);
    ProtoWriter tensor =
        new ProtoWriter()
            .int64(1, DT_FLOAT)
            .message(2, new ProtoWriter().message(2, dim))
            .packedFloat32(5, 1.0f);
    return new ProtoWriter()
        .message(1, new ProtoWriter().string(1, model))
        .message(2, new ProtoWriter().string(1, input).message(2, tensor));
  }

  /** An {@code inference.ModelInferRequest} with raw contents. */
  private static ProtoWriter openInference(String model, String input) {
    byte[] one =
        ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(1.0f).array();
    ProtoWriter tensor = new ProtoWriter().string(1, input).string(2, "FP32").packedInt64(3, 1);
    return new ProtoWriter().string(1, model).message(5, tensor).bytes(7, one);
  }
}
