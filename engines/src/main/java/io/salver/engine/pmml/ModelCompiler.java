package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a model with its schema, transformations, targets and outputs; the algorithms have
 * classes of their own.
 */
final class ModelCompiler {
  private final Element model;
  private final @Nullable Scope parent;
  private final Scope scope;
  private final Build build;
  private final List<Step> treatments = new ArrayList<>();
  private final Map<String, Variable> inputs = new LinkedHashMap<>();
  private final List<String> optionalInputs = new ArrayList<>();
  private Optional<String> targetName = Optional.empty();

  private ModelCompiler(Element model, Build build, @Nullable Scope parent) {
    this.model = model;
    this.parent = parent;
    this.build = build;
    this.scope = new Scope(build, parent);
  }

  /** The model of a segment, whose fields are those of {@code parent}. */
  static Program nested(Element model, Scope parent) throws ModelLoadException {
    return new ModelCompiler(model, parent.build(), parent).compile();
  }

  /** The model of a document. */
  static CompiledModel document(Element document) throws ModelLoadException {
    Build build = Build.of(document);
    Element model = only(document);
    ModelCompiler compiler = new ModelCompiler(model, build, null);
    Optional<Element> dictionary = document.find("TransformationDictionary");
    if (dictionary.isPresent()) {
      compiler.scope.addDerived(dictionary.get());
    }
    Program program = compiler.compile();
    return new CompiledModel(
        program,
        compiler.inputs,
        compiler.optionalInputs,
        build.texts(),
        build.valueCount(),
        build.maxResultCount());
  }

  private static Element only(Element document) throws ModelLoadException {
    Element found = null;
    for (Element child : document.children()) {
      switch (child.name()) {
        case "Header", "MiningBuildTask", "DataDictionary", "TransformationDictionary" -> {}
        default -> {
          if (found != null) {
            throw child.wrong("a second model (expected: one in a file)");
          }
          found = child;
        }
      }
    }
    if (found == null) {
      throw document.wrong("no model (expected: one)");
    }
    return found;
  }

  private Program compile() throws ModelLoadException {
    if (!model.flag("isScorable", true)) {
      throw model.wrong("isScorable: false (expected: true)");
    }
    readSchema(model.child("MiningSchema"));
    Optional<Element> local = model.find("LocalTransformations");
    if (local.isPresent()) {
      scope.addDerived(local.get());
    }
    ModelContext context = new ModelContext(model, scope, targetName.flatMap(build::field));
    Scored scored = algorithm(context);
    List<Step> after = new ArrayList<>();
    Targets.compile(context, targetName, scored.result(), after);
    Map<String, Variable> outputs = new LinkedHashMap<>();
    nameTarget(scored, after, outputs);
    Outputs.compile(context, scored, after, outputs, parent != null);
    List<Step> before = new ArrayList<>(treatments);
    before.addAll(scope.steps());
    return new Program(before, scored.scorer(), after, scored.result(), outputs);
  }

  private static Scored algorithm(ModelContext context) throws ModelLoadException {
    return switch (context.element().name()) {
      case "TreeModel" -> TreeCompiler.compile(context);
      case "RegressionModel" -> RegressionCompiler.compile(context);
      case "MiningModel" -> MiningCompiler.compile(context);
      case "Scorecard" -> ScorecardCompiler.compile(context);
      case "GeneralRegressionModel" -> GeneralRegressionCompiler.compile(context);
      case "ClusteringModel" -> ClusteringCompiler.compile(context);
      case "NaiveBayesModel" -> NaiveBayesCompiler.compile(context);
      case "NeuralNetwork" -> NetworkCompiler.compile(context);
      default ->
          throw context
              .element()
              .wrong(
                  "is not supported (expected: TreeModel, RegressionModel, GeneralRegressionModel,"
                      + " MiningModel, Scorecard, ClusteringModel, NaiveBayesModel or"
                      + " NeuralNetwork)");
    };
  }

  /** The value by the target's name, or as predictedValue if there is none. */
  private void nameTarget(Scored scored, List<Step> after, Map<String, Variable> outputs) {
    if (targetName.isEmpty() && parent != null) {
      return;
    }
    int at = scored.result().value();
    Variable variable = build.newVariable(scored.result().type());
    int slot = variable.slot();
    after.add(row -> row.values[slot] = row.results[at]);
    outputs.put(targetName.orElse("predictedValue"), variable);
    targetName.ifPresent(name -> scored.outputScope().put(name, variable));
  }

  private void readSchema(Element schema) throws ModelLoadException {
    schema.checkChildren("MiningField");
    for (Element field : schema.children("MiningField")) {
      String name = field.get("name");
      switch (field.choice(
          "usageType",
          "active",
          "predicted",
          "target",
          "supplementary",
          "group",
          "order",
          "frequencyWeight",
          "analysisWeight")) {
        case "active" -> readActive(field, name);
        case "predicted", "target" -> {
          if (targetName.isPresent()) {
            throw field.wrong("a second target (expected: one)");
          }
          targetName = Optional.of(name);
        }
        default -> {
          // Not what the model computes from.
        }
      }
    }
  }

  private void readActive(Element field, String name) throws ModelLoadException {
    Optional<DataField> known = build.field(name);
    if (parent == null) {
      DataField data =
          known.orElseThrow(() ->
              field.wrong("name: \"" + name + "\" (expected: a field of the data dictionary)"));
      Variable variable = build.newVariable(data.type());
      treatments.add(new Treatment(field, data, variable.slot(), variable.slot(), build));
      scope.put(name, variable);
      if (inputs.put(name, variable) != null) {
        throw field.wrong("name: \"" + name + "\" (expected: one that is not taken)");
      }
      if (field.has("missingValueReplacement")) {
        optionalInputs.add(name);
      }
    } else if (Treatment.isSpecial(field) && known.isPresent() && parent.knows(name)) {
      Variable outer = parent.get(name, field);
      Variable inner = build.newVariable(outer.type());
      treatments.add(new Treatment(field, known.get(), outer.slot(), inner.slot(), build));
      scope.put(name, inner);
    }
  }
}
