package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.server.inference.InlineRunner;
import io.salver.server.inference.StaticModels;
import io.salver.server.tfserving.proto.ClassificationRequest;
import io.salver.server.tfserving.proto.ClassifyLog;
import io.salver.server.tfserving.proto.InferenceTask;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.MultiInferenceLog;
import io.salver.server.tfserving.proto.MultiInferenceRequest;
import io.salver.server.tfserving.proto.PredictLog;
import io.salver.server.tfserving.proto.PredictionLog;
import io.salver.server.tfserving.proto.RegressLog;
import io.salver.server.tfserving.proto.RegressionRequest;
import io.salver.server.tfserving.proto.SessionRunLog;
import io.salver.tensor.DType;
import io.salver.tensor.NativeMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TfRecordWarmupTest {
  private static final ModelSpec SPEC =
      ModelSpec.newBuilder().setName("other").setSignatureName("regress_x_to_y").build();

  private final long liveBytesBefore = NativeMemory.liveBytes();
  private final ExamplesModel model = new ExamplesModel();
  private final StaticModels models =
      new StaticModels(InlineRunner.FACTORY).add("examples", 1, model);

  @TempDir Path directory;

  @AfterEach
  void nothingIsKept() {
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytesBefore);
  }

  @Test
  void runsEveryKindOfRecordAsOftenAsItIsTold() throws Exception {
    write(List.of(regress(), classify(), multiInference(), predict()));
    warm(2);
    assertThat(model.runs()).isEqualTo(8);
  }

  @Test
  void leavesAVersionWithoutSuchAFileAlone() {
    assertThatCode(() -> warm(1)).doesNotThrowAnyException();
    assertThat(model.runs()).isZero();
  }

  @Test
  void failsTheLoadOfAVersionWhoseRequestsFail() throws IOException {
    PredictionLog failing =
        PredictionLog.newBuilder()
            .setRegressLog(
                RegressLog.newBuilder()
                    .setRequest(RegressionRequest.newBuilder().setModelSpec(SPEC)))
            .build();
    write(List.of(regress(), failing));
    assertFails("warm-up record 1 of " + file() + ": INVALID_ARGUMENT: Input is empty.");

    write(
        List.of(
            PredictionLog.newBuilder()
                .setSessionRunLog(SessionRunLog.getDefaultInstance())
                .build()));
    assertFails(
        "warm-up record 0 of " + file() + ": UNIMPLEMENTED: Unsupported log_type for warmup: 5");
  }

  @Test
  void refusesAFileThatIsNotOne() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "not records at all, but text");
    assertFails(
        file()
            + ": corrupted record at 0: the length's checksum is wrong. Please verify your warmup"
            + " data is in TFRecord format.");

    Files.write(file(), TfRecords.frame(new byte[] {1, 2, 3}));
    assertThatThrownBy(() -> warm(1))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageStartingWith("Failed to parse warmup record: 0 from " + file() + ": ");
  }

  @Test
  void refusesMoreThanAThousandRecords() throws Exception {
    write(Collections.nCopies(1000, regress()));
    warm(1);
    write(Collections.nCopies(1001, regress()));
    assertFails("Number of warmup records exceeds the maximum (1000) at " + file());
  }

  private void warm(int iterations) throws ModelLoadException {
    try (ModelLease lease = models.lease("examples", VersionSelector.LATEST)) {
      new TfRecordWarmup(iterations, 1 << 20).warm(new ModelFiles(directory), lease);
    }
  }

  private void assertFails(String message) {
    assertThatThrownBy(() -> warm(1)).isInstanceOf(ModelLoadException.class).hasMessage(message);
  }

  private Path file() {
    return directory.resolve("assets.extra/tf_serving_warmup_requests");
  }

  private void write(List<PredictionLog> logs) throws IOException {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    logs.forEach(log -> records.writeBytes(TfRecords.frame(log.toByteArray())));
    Files.createDirectories(file().getParent());
    Files.write(file(), records.toByteArray());
  }

  private static PredictionLog regress() {
    return PredictionLog.newBuilder()
        .setRegressLog(
            RegressLog.newBuilder()
                .setRequest(
                    RegressionRequest.newBuilder()
                        .setModelSpec(SPEC)
                        .setInput(PredictionServiceTest.examples(2))))
        .build();
  }

  private static PredictionLog classify() {
    return PredictionLog.newBuilder()
        .setClassifyLog(
            ClassifyLog.newBuilder()
                .setRequest(
                    ClassificationRequest.newBuilder()
                        .setModelSpec(ModelSpec.newBuilder().setSignatureName("classify_labelled"))
                        .setInput(PredictionServiceTest.examples(2))))
        .build();
  }

  private static PredictionLog multiInference() {
    return PredictionLog.newBuilder()
        .setMultiInferenceLog(
            MultiInferenceLog.newBuilder()
                .setRequest(
                    MultiInferenceRequest.newBuilder()
                        .addTasks(
                            InferenceTask.newBuilder()
                                .setModelSpec(SPEC)
                                .setMethodName("tensorflow/serving/regress"))
                        .setInput(PredictionServiceTest.examples(2))))
        .build();
  }

  private static PredictionLog predict() {
    ByteString example =
        PredictionServiceTest.examples(4).getExampleList().getExamples(0).toByteString();
    return PredictionLog.newBuilder()
        .setPredictLog(
            PredictLog.newBuilder()
                .setRequest(
                    io.salver.server.tfserving.proto.PredictRequest.newBuilder()
                        .setModelSpec(SPEC)
                        .putInputs(
                            "inputs",
                            TensorProtos.header(DType.STRING, 1).addStringVal(example).build())))
        .build();
  }
}
