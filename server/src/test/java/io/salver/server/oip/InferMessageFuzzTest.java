package io.salver.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.salver.server.inference.SignatureCache;
import io.salver.server.oip.proto.InferTensorContents;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.sharedmemory.SharedMemoryRegions;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Messages that are to be a {@code ModelInferRequest}; the first byte chooses the model. What the
 * generated class can parse has, as it writes it, the floats that it says.
 */
class InferMessageFuzzTest {
  private static final Parser<ModelInferRequest> PARSER =
      DiscardUnknownFieldsParser.wrap(ModelInferRequest.parser());
  private static final FuzzedModels MODELS = new FuzzedModels();
  private static final InferMessageReader READER =
      new InferMessageReader(
          new SignatureCache<>(InferPlan::new), SharedMemoryRegions.disabled(), new OutputLabels());

  static Stream<byte[]> seeds() {
    ModelInferRequest.InferInputTensor.Builder x =
        ModelInferRequest.InferInputTensor.newBuilder()
            .setName("x")
            .setDatatype("FP32")
            .addShape(1)
            .addShape(2);
    InferTensorContents floats =
        InferTensorContents.newBuilder().addFp32Contents(1).addFp32Contents(2).build();
    return Stream.of(
        seed(0, ModelInferRequest.newBuilder().addInputs(x.clone().setContents(floats))),
        seed(
            0,
            ModelInferRequest.newBuilder()
                .setId("1")
                .addInputs(x)
                .addRawInputContents(ByteString.copyFrom(new byte[8]))
                .addOutputs(
                    ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName("y"))),
        seed(
            3,
            ModelInferRequest.newBuilder()
                .addInputs(x.clone().setDatatype("BYTES").clearShape().addShape(1))
                .addRawInputContents(ByteString.copyFrom(new byte[] {1, 0, 0, 0, 'a'}))));
  }

  private static byte[] seed(int model, ModelInferRequest.Builder request) {
    return ByteString.copyFrom(new byte[] {(byte) model})
        .concat(request.build().toByteString())
        .toByteArray();
  }

  @MethodSource("seeds")
  @FuzzTest
  void floatsAreThoseThatTheGeneratedClassSays(byte[] input) throws InvalidProtocolBufferException {
    if (input.length == 0) {
      return;
    }
    byte[] message = Arrays.copyOfRange(input, 1, input.length);
    MODELS.checkAllocation(input[0], message.length, reading(message));
    ModelInferRequest parsed;
    try {
      parsed = PARSER.parseFrom(message);
    } catch (InvalidProtocolBufferException e) {
      return;
    }
    byte[] read = MODELS.read(0, reading(parsed.toByteArray()), FuzzedModels::firstInput);
    if (read != null) {
      assertThat(parsed.getInputsCount()).isEqualTo(1);
      assertThat(read).isEqualTo(floats(parsed));
    }
  }

  private static FuzzedModels.Reading reading(byte[] message) {
    return (lease, arena) -> READER.read(MemorySegment.ofArray(message), lease, arena, 0, 0);
  }

  private static byte[] floats(ModelInferRequest request) {
    if (request.getRawInputContentsCount() > 0) {
      return request.getRawInputContents(0).toByteArray();
    }
    InferTensorContents contents = request.getInputs(0).getContents();
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * contents.getFp32ContentsCount())
            .order(ByteOrder.LITTLE_ENDIAN);
    contents.getFp32ContentsList().forEach(bytes::putFloat);
    return bytes.array();
  }
}
