package io.salver.bench;

import io.salver.wire.ProtoWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Writes a request with one tensor to a file, for a load generator to send. Its first element is
 * 1.0, the others are seeded random numbers from 0 to 1. Needs nothing but core, so that it can be
 * started from source.
 */
public final class RequestFile {
  private static final String USAGE =
      "expected: tfserving-grpc|oip-grpc|oip-http FILE MODEL INPUT FP32|FP16 DIM...";
  private static final int DT_FLOAT = 1;
  private static final int DT_HALF = 19;

  private RequestFile() {}

  /** Takes what {@link #USAGE} says; for {@code oip-http} prints the length of the JSON part. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 5) {
      System.err.println(USAGE);
      System.exit(2);
    }
    Path file = Path.of(arguments[1]);
    String model = arguments[2];
    String input = arguments[3];
    boolean half = arguments[4].equals("FP16");
    long[] shape = Arrays.stream(arguments).skip(5).mapToLong(Long::parseLong).toArray();
    byte[] data = data(half, shape);
    switch (arguments[0]) {
      case "tfserving-grpc" ->
          writeMessage(
              file, tensorFlowServing(model, input, half ? DT_HALF : DT_FLOAT, shape, data));
      case "oip-grpc" -> writeMessage(file, openInference(model, input, arguments[4], shape, data));
      case "oip-http" -> writeBinary(file, input, arguments[4], shape, data);
      default -> throw new IllegalArgumentException(arguments[0] + "; " + USAGE);
    }
  }

  private static byte[] data(boolean half, long[] shape) {
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    ByteBuffer data =
        ByteBuffer.allocate(count * (half ? Short.BYTES : Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(1);
    for (int i = 0; i < count; i++) {
      float value = i == 0 ? 1 : random.nextFloat();
      if (half) {
        data.putShort(Float.floatToFloat16(value));
      } else {
        data.putFloat(value);
      }
    }
    return data.array();
  }

  /** A {@code tensorflow.serving.PredictRequest}. */
  private static ProtoWriter tensorFlowServing(
      String model, String input, int type, long[] shape, byte[] data) {
    ProtoWriter dims = new ProtoWriter();
    for (long dim : shape) {
      dims.message(2, new ProtoWriter().int64(1, dim));
    }
    ProtoWriter tensor = new ProtoWriter().int64(1, type).message(2, dims).bytes(4, data);
    return new ProtoWriter()
        .message(1, new ProtoWriter().string(1, model))
        .message(2, new ProtoWriter().string(1, input).message(2, tensor));
  }

  /** An {@code inference.ModelInferRequest} with raw contents. */
  private static ProtoWriter openInference(
      String model, String input, String type, long[] shape, byte[] data) {
    ProtoWriter tensor = new ProtoWriter().string(1, input).string(2, type).packedInt64(3, shape);
    return new ProtoWriter().string(1, model).message(5, tensor).bytes(7, data);
  }

  private static void writeMessage(Path file, ProtoWriter message) throws IOException {
    byte[] request = message.toByteArray();
    Files.write(
        file,
        ByteBuffer.allocate(5 + request.length)
            .put((byte) 0)
            .putInt(request.length)
            .put(request)
            .array());
  }

  /** An inference request whose tensor follows its JSON, as all outputs are asked to. */
  private static void writeBinary(Path file, String input, String type, long[] shape, byte[] data)
      throws IOException {
    byte[] json =
        ("{\"inputs\":[{\"name\":\""
                + input
                + "\",\"shape\":"
                + Arrays.toString(shape)
                + ",\"datatype\":\""
                + type
                + "\",\"parameters\":{\"binary_data_size\":"
                + data.length
                + "}}],\"parameters\":{\"binary_data_output\":true}}")
            .getBytes(StandardCharsets.UTF_8);
    Files.write(file, ByteBuffer.allocate(json.length + data.length).put(json).put(data).array());
    System.out.println(json.length);
  }
}
