package io.salver.it;

import io.salver.testkit.cases.ArrayTensor;
import io.salver.testkit.cases.ModelCase;
import io.salver.testkit.cases.ModelCase.Answers;
import io.salver.testkit.cases.ModelCase.FailsToLoad;
import io.salver.testkit.cases.ModelCase.Refuses;
import io.salver.testkit.cases.ModelCase.Serves;
import io.salver.testkit.cases.ModelCase.Step;
import io.salver.testkit.cases.TensorFlowCases;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The table of the TensorFlow engine's cases, as {@link WireCase}s. */
final class TensorFlowWireCases {
  private TensorFlowWireCases() {}

  static List<WireCase> all(Path testData) {
    return TensorFlowCases.all().stream().map(c -> wireCase(c, testData)).toList();
  }

  private static WireCase wireCase(ModelCase modelCase, Path testData) {
    Path from = testData.resolve(modelCase.directory());
    return new WireCase(
        modelCase.name().replaceAll("[^A-Za-z0-9_]", "_"),
        to -> ModelDirectories.copy(from, to),
        switch (modelCase.outcome()) {
          case Serves serves ->
              new WireCase.Outcome.Served(
                  serves.steps().stream().map(TensorFlowWireCases::call).toList());
          case FailsToLoad fails -> new WireCase.Outcome.NotServed(fails.message());
        });
  }

  private static WireCase.Call call(Step step) {
    return new WireCase.Call(
        step.signature(),
        step.inputs(),
        switch (step) {
          case Answers answers ->
              new WireCase.Expectation.Answer(
                  outputs -> problem(answers, outputs),
                  new TreeMap<>(answers.outputs()).toString());
          case Refuses refuses ->
              new WireCase.Expectation.Refusal(Optional.of(refuses.category()), refuses.message());
        });
  }

  private static Optional<String> problem(Answers expected, Map<String, ArrayTensor> outputs) {
    return expected.outputs().entrySet().stream()
        .flatMap(entry -> {
          ArrayTensor output = outputs.get(entry.getKey());
          return output == null
              ? Optional.of("no " + entry.getKey() + " in " + outputs.keySet()).stream()
              : entry.getValue().difference(output, expected.tolerance()).stream();
        })
        .findFirst();
  }
}
