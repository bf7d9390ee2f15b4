package io.salver.engine.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.ServingException;
import io.salver.testkit.cases.Expected;
import io.salver.testkit.cases.OnnxCase;
import io.salver.testkit.cases.OnnxCases;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.TestData;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every ONNX case of the test data, straight through the engine. */
class OnnxCasesTest {
  private static OnnxEngine engine = new OnnxEngine();
  @TempDir Path temporary;

  @BeforeAll
  static void start() {
    engine = new OnnxEngine();
  }

  @AfterAll
  static void everyValueWasReleased() {
    engine.close();
    assertThat(OnnxEngine.liveValues()).isZero();
  }

  @TestFactory
  List<DynamicTest> everyCaseAnswersWhatItMust() {
    Optional<Path> data = TestData.directory();
    assumeTrue(data.isPresent(), TestData.absence());
    return OnnxCases.all(data.orElseThrow()).stream()
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)))
        .toList();
  }

  private void check(OnnxCase c) throws Exception {
    Path version = temporary.resolve(c.name());
    c.install(version);
    switch (c.expected()) {
      case Expected.RefusedAtLoad(String reason) ->
          assertThatThrownBy(() -> load(version))
              .isInstanceOf(ModelLoadException.class)
              .hasMessageContaining(reason);
      case Expected.RefusedAtRun(String reason) -> {
        try (LoadedModel model = load(version)) {
          assertThatThrownBy(() -> Runs.once(model, c.inputs()))
              .isInstanceOf(ServingException.class)
              .hasMessageContaining(reason);
        }
      }
      case Expected.Answered(Expected.Answer answer) -> checkAnswer(c, version, answer);
      case Expected.AnsweredOrRefusedAtLoad(Expected.Answer answer, String reason) -> {
        try {
          checkAnswer(c, version, answer);
        } catch (ModelLoadException e) {
          assertThat(e).hasMessageContaining(reason);
        }
      }
    }
  }

  private static void checkAnswer(OnnxCase c, Path version, Expected.Answer answer)
      throws ModelLoadException {
    try (LoadedModel model = load(version)) {
      answer
          .problem(Runs.once(model, c.inputs()))
          .ifPresent(problem -> fail(c.name() + ": " + problem));
    }
  }

  private static LoadedModel load(Path version) throws ModelLoadException {
    return engine.load(new ModelFiles(version), EngineOptions.DEFAULT);
  }
}
