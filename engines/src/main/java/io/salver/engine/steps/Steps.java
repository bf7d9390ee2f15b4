package io.salver.engine.steps;

import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts steps around models. */
public final class Steps {
  private Steps() {}

  /**
   * A model that runs {@code before}, {@code model} and {@code after}, one after the other. It
   * takes what no step makes, and gives what no step takes. That holds for the model's default
   * signature; its others stay as they are.
   *
   * @param model closed with what is returned, or if this fails
   * @param files where the files that steps name are
   * @throws ModelLoadException if a step does not fit the model, or a file of it is missing or
   *     broken; the message begins with the step
   */
  public static LoadedModel around(
      LoadedModel model, ModelFiles files, List<StepSpec> before, List<StepSpec> after)
      throws ModelLoadException {
    try {
      Signature own = model.defaultSignature();
      List<Step> all = new ArrayList<>();
      for (StepSpec spec : before) {
        all.add(named(spec, () -> before(spec, own, files)));
      }
      all.add(new ModelStep(model, own));
      Map<String, TensorSpec> made = new TreeMap<>();
      own.outputs().forEach(output -> made.put(output.name(), output));
      for (StepSpec spec : after) {
        Step step = named(spec, () -> after(spec, made, files));
        step.signature().outputs().forEach(output -> made.put(output.name(), output));
        all.add(step);
      }
      return new SteppedModel(model, own.name(), Chain.of(own, all));
    } catch (ModelLoadException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static Step before(StepSpec spec, Signature model, ModelFiles files)
      throws ModelLoadException {
    return switch (spec) {
      case StepSpec.Image image -> new ImageStep(image, input(image.tensor(), model));
      case StepSpec.WordPieces text ->
          WordPieceStep.create(text, files, name -> input(name, model));
      case StepSpec.Columns columns -> new ColumnsStep(columns, input(columns.tensor(), model));
      default -> throw new ModelLoadException("not among those before the model");
    };
  }

  private static Step after(StepSpec spec, Map<String, TensorSpec> made, ModelFiles files)
      throws ModelLoadException {
    return switch (spec) {
      case StepSpec.Softmax softmax -> new SoftmaxStep(softmax, made(softmax.tensor(), made));
      case StepSpec.Labels labels ->
          new LabelsStep(labels, made(labels.tensor(), made), LabelFile.read(files, labels.file()));
      case StepSpec.Names names ->
          new NamesStep(names, made(names.tensor(), made), LabelFile.read(files, names.file()));
      default -> throw new ModelLoadException("not among those after the model");
    };
  }

  private static TensorSpec input(String name, Signature model) throws ModelLoadException {
    int i = model.inputIndex(name);
    if (i < 0) {
      List<String> names = model.inputs().stream().map(TensorSpec::name).toList();
      throw new ModelLoadException(
          "tensor: \"" + name + "\" (expected: an input of the model: " + names + ")");
    }
    return model.inputs().get(i);
  }

  private static TensorSpec made(String name, Map<String, TensorSpec> made)
      throws ModelLoadException {
    TensorSpec spec = made.get(name);
    if (spec == null) {
      throw new ModelLoadException(
          "tensor: \"" + name + "\" (expected: an output before it: " + made.keySet() + ")");
    }
    return spec;
  }

  private interface Maker {
    Step make() throws ModelLoadException;
  }

  private static Step named(StepSpec spec, Maker maker) throws ModelLoadException {
    try {
      return maker.make();
    } catch (ModelLoadException e) {
      throw new ModelLoadException("step " + spec.kind() + ": " + e.getMessage(), e);
    }
  }
}
