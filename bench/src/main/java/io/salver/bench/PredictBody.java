package io.salver.bench;

import io.salver.wire.ProtoWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a gRPC message to a file: a length-prefixed {@code tensorflow.serving.PredictRequest} with
 * one FLOAT tensor of shape [1] that holds 1.0. Needs nothing but core, so that it can be started
 * from source.
 */
public final class PredictBody {
  private static final int DT_FLOAT = 1;

  private PredictBody() {}

  /** Takes the file to write, the model's name and the input's. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 3) {
      System.err.println("arguments: " + arguments.length + " (expected: FILE MODEL INPUT)");
      System.exit(2);
    }
    ProtoWriter dim = new ProtoWriter().int64(1, 1);
    ProtoWriter tensor =
        new ProtoWriter()
            .int64(1, DT_FLOAT)
            .message(2, new ProtoWriter().message(2, dim))
            .packedFloat32(5, 1.0f);
    byte[] request =
        new ProtoWriter()
            .message(1, new ProtoWriter().string(1, arguments[1]))
            .message(2, new ProtoWriter().string(1, arguments[2]).message(2, tensor))
            .toByteArray();
    Files.write(
        Path.of(arguments[0]),
        ByteBuffer.allocate(5 + request.length)
            .put((byte) 0)
            .putInt(request.length)
            .put(request)
            .array());
  }
}
