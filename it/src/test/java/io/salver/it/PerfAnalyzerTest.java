package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.salver.server.oip.proto.InferStatistics;
import io.salver.server.oip.proto.ModelConfig;
import io.salver.server.oip.proto.ModelConfigRequest;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelInferResponse;
import io.salver.server.oip.proto.ModelMetadataRequest;
import io.salver.server.oip.proto.ModelMetadataResponse;
import io.salver.server.oip.proto.ModelStatistics;
import io.salver.server.oip.proto.ModelStatisticsRequest;
import io.salver.server.oip.proto.ServerMetadataRequest;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The calls of Triton's perf_analyzer, in its order, and what it takes out of their answers. It
 * looks for no field before it reads it.
 */
class PerfAnalyzerTest {
  private static final int REQUESTS = 25;
  private static final String MODEL = HalfPlusTwoCalls.NAME;

  @Test
  void itsCallsAreAnsweredInItsOrder() throws Exception {
    try (RunningServer server =
        RunningServer.start(
            "--model_name=" + MODEL, "--model_base_path=" + HalfPlusTwoCalls.directory())) {
      GrpcClient client = server.grpc();
      assertThat(
              client
                  .call(OipControlCalls.SERVER_METADATA, ServerMetadataRequest.getDefaultInstance())
                  .getExtensionsList())
          .contains("statistics", "model_configuration");
      ModelMetadataResponse metadata =
          client.call(
              OipControlCalls.METADATA, ModelMetadataRequest.newBuilder().setName(MODEL).build());
      ModelConfig config =
          client
              .call(OipControlCalls.CONFIG, ModelConfigRequest.newBuilder().setName(MODEL).build())
              .getConfig();
      List<String> inputs =
          metadata.getInputsList().stream()
              .map(ModelMetadataResponse.TensorMetadata::getName)
              .toList();
      assertThat(config.getInputList())
          .isNotEmpty()
          .allSatisfy(input -> assertThat(inputs).contains(input.getName()));
      assertThat(config.getModelTransactionPolicy().getDecoupled()).isFalse();
      assertThat(config.hasSequenceBatching() || config.hasEnsembleScheduling()).isFalse();

      InferStatistics before = statistics(client).getInferenceStats();
      for (int i = 0; i < REQUESTS; i++) {
        assertThat(infer(client, metadata, i)).isEqualTo(i / 2f + 2);
      }
      ModelStatistics after = statistics(client);
      assertThat(after.getName()).isEqualTo(MODEL);
      assertThat(after.getVersion()).isEqualTo("1");
      assertThat(after.getInferenceCount()).isEqualTo(REQUESTS);
      assertThat(after.getExecutionCount()).isEqualTo(REQUESTS);
      InferStatistics now = after.getInferenceStats();
      assertThat(now.getSuccess().getCount() - before.getSuccess().getCount()).isEqualTo(REQUESTS);
      assertThat(now.getQueue().getCount()).isEqualTo(REQUESTS);
      assertThat(now.getComputeInput().getCount()).isEqualTo(REQUESTS);
      assertThat(now.getComputeInfer().getCount()).isEqualTo(REQUESTS);
      assertThat(now.getComputeInfer().getNs()).isPositive();
      assertThat(now.getComputeOutput().getCount()).isEqualTo(REQUESTS);
      assertThat(now.getCacheHit().getCount() + now.getCacheMiss().getCount()).isZero();
    }
  }

  private static ModelStatistics statistics(GrpcClient client) {
    return client
        .call(
            OipControlCalls.STATISTICS, ModelStatisticsRequest.newBuilder().setName(MODEL).build())
        .getModelStats(0);
  }

  /** As it writes a request: raw contents, an id, and the outputs that metadata names. */
  private static float infer(GrpcClient client, ModelMetadataResponse metadata, float x) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName(MODEL)
            .setId(String.valueOf(x))
            .addInputs(
                ModelInferRequest.InferInputTensor.newBuilder()
                    .setName(metadata.getInputs(0).getName())
                    .setDatatype(metadata.getInputs(0).getDatatype())
                    .addShape(1))
            .addOutputs(
                ModelInferRequest.InferRequestedOutputTensor.newBuilder()
                    .setName(metadata.getOutputs(0).getName()))
            .addRawInputContents(ByteString.copyFrom(bytes.putFloat(0, x)))
            .build();
    ModelInferResponse answer = client.call(OipControlCalls.INFER, request);
    assertThat(answer.getId()).isEqualTo(request.getId());
    byte[] raw = answer.getRawOutputContents(0).toByteArray();
    return OipCalls.tensor(DType.FLOAT32, Shape.of(1), raw).elements() instanceof float[] y
        ? y[0]
        : Float.NaN;
  }
}
