package io.salver.engine.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.testkit.cases.Expected;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.SharedTestData;
import io.salver.testkit.cases.TfliteCase;
import io.salver.testkit.cases.TfliteCases;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every TensorFlow Lite case of the test data, straight through the engine. */
class TfliteCasesTest {
  private static final TfliteEngine ENGINE = new TfliteEngine(2);
  @TempDir Path temporary;

  @AfterAll
  static void everyInterpreterWasClosed() {
    assertThat(TfliteEngine.liveInterpreters()).isZero();
  }

  @TestFactory
  List<DynamicTest> everyCaseAnswersWhatItMust() {
    return cases().stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c))).toList();
  }

  private static List<TfliteCase> cases() {
    Optional<Path> data = SharedTestData.find();
    assumeTrue(data.isPresent(), SharedTestData::whyAbsent);
    return TfliteCases.all(data.orElseThrow());
  }

  private void check(TfliteCase c) throws Exception {
    Path version = temporary.resolve(c.name());
    c.install(version);
    assertThat(ENGINE.inspect(new ModelFiles(version))).isInstanceOf(Inspection.Ready.class);
    switch (c.expected()) {
      case Expected.Answered(Expected.Answer answer) -> {
        try (LoadedModel model = load(version)) {
          answer
              .problem(Runs.once(model, Runs.signature(model, c.signature()), c.inputs()))
              .ifPresent(problem -> fail(c.name() + ": " + problem));
        }
      }
      case Expected.RefusedAtLoad(String reason) ->
          assertThatThrownBy(() -> load(version))
              .isInstanceOf(ModelLoadException.class)
              .hasMessageContaining(reason);
      case Expected.RefusedAtRun _, Expected.AnsweredOrRefusedAtLoad _ ->
          throw new AssertionError("no such case here");
    }
  }

  private static LoadedModel load(Path version) throws ModelLoadException {
    return ENGINE.load(new ModelFiles(version), EngineOptions.DEFAULT);
  }

  @Test
  void labelsAreReadFromTheArchiveInTheFile() throws Exception {
    TfliteCase flowers =
        cases().stream().filter(c -> c.name().equals("flowers_sunflower")).findAny().orElseThrow();
    Path version = temporary.resolve("labels");
    flowers.install(version);
    try (LoadedModel model = load(version)) {
      String labels =
          new String(model.metadata("tflite.labels").orElseThrow(), StandardCharsets.UTF_8);
      assertThat(labels.lines().map(String::strip))
          .containsExactly("daisy", "dandelion", "roses", "sunflowers", "tulips");
      assertThat(model.metadata("tflite.files"))
          .contains("labels.txt".getBytes(StandardCharsets.UTF_8));
      assertThat(model.metadata("tflite.nothing")).isEmpty();
    }
  }

  @Test
  void aModelsVariablesAreResetBetweenRuns() throws Exception {
    List<TfliteCase> digits =
        cases().stream().filter(c -> c.name().startsWith("lstm_float")).toList();
    Path version = temporary.resolve("lstm");
    digits.getFirst().install(version);
    try (LoadedModel model = load(version)) {
      var signature = Runs.signature(model, "serving_default");
      byte[] first = sequential(model, digits.getLast());
      digits.forEach(c -> Runs.once(model, signature, c.inputs()));
      assertThat(sequential(model, digits.getLast())).isEqualTo(first);
    }
  }

  private static byte[] sequential(LoadedModel model, TfliteCase c) {
    var outputs = Runs.once(model, Runs.signature(model, c.signature()), c.inputs());
    return (byte[]) outputs.get("sequential").elements();
  }
}
