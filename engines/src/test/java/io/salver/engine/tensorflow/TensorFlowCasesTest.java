package io.salver.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.ServingException;
import io.salver.testkit.cases.ArrayTensor;
import io.salver.testkit.cases.ModelCase;
import io.salver.testkit.cases.ModelCase.Answers;
import io.salver.testkit.cases.ModelCase.FailsToLoad;
import io.salver.testkit.cases.ModelCase.Refuses;
import io.salver.testkit.cases.ModelCase.Serves;
import io.salver.testkit.cases.ModelCase.Step;
import io.salver.testkit.cases.SharedTestData;
import io.salver.testkit.cases.TensorFlowCases;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The models of others answer as their makers say. */
class TensorFlowCasesTest {
  private final TensorFlowEngine engine = new TensorFlowEngine();

  static List<ModelCase> cases() {
    return TensorFlowCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void answersWhatTheManifestSays(ModelCase modelCase) throws Exception {
    Optional<Path> data = SharedTestData.find();
    assumeTrue(data.isPresent(), SharedTestData::whyAbsent);
    ModelFiles files = new ModelFiles(data.get().resolve(modelCase.directory()));
    assertThat(engine.inspect(files)).isInstanceOf(Inspection.Ready.class);
    switch (modelCase.outcome()) {
      case FailsToLoad fails ->
          assertThatThrownBy(() -> engine.load(files, EngineOptions.DEFAULT))
              .isInstanceOf(ModelLoadException.class)
              .hasMessageContaining(fails.message());
      case Serves serves -> {
        try (LoadedModel model = engine.load(files, EngineOptions.DEFAULT)) {
          serves.steps().forEach(step -> check(model, step));
        }
      }
    }
  }

  private static void check(LoadedModel model, Step step) {
    switch (step) {
      case Answers answers -> {
        Map<String, ArrayTensor> outputs =
            ModelRun.run(model, answers.signature(), answers.inputs());
        answers
            .outputs()
            .forEach((name, expected) ->
                assertThat(
                        expected.difference(
                            Objects.requireNonNull(outputs.get(name), name), answers.tolerance()))
                    .as(answers.signature() + " " + name)
                    .isEmpty());
      }
      case Refuses refuses -> {
        ServingException refusal =
            catchThrowableOfType(
                ServingException.class,
                () -> ModelRun.run(model, refuses.signature(), refuses.inputs()));
        assertThat(refusal.category()).isEqualTo(refuses.category());
        assertThat(refusal).hasMessageContaining(refuses.message());
      }
    }
  }
}
