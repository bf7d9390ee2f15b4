package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compiles a {@code MiningModel}: several models, of whose answers one is made. */
final class MiningCompiler {
  private final ModelContext context;
  private final Element segmentation;
  private final boolean isChain;
  private final Scope scope;
  private final PredicateCompiler predicates;
  private final List<Program> programs = new ArrayList<>();
  private final List<Integer> tests = new ArrayList<>();
  private final List<Double> weights = new ArrayList<>();

  private MiningCompiler(ModelContext context) throws ModelLoadException {
    this.context = context;
    this.segmentation = context.element().child("Segmentation");
    this.isChain = segmentation.get("multipleModelMethod").equals("modelChain");
    // What a segment names is known to those after it, but not to fields that are derived before.
    this.scope = isChain ? new Scope(context.build(), context.scope()) : context.scope();
    this.predicates = new PredicateCompiler(scope);
  }

  /** The scorer of a {@code MiningModel}. */
  static Scored compile(ModelContext context) throws ModelLoadException {
    context
        .element()
        .checkChildren("MiningSchema", "Output", "Targets", "LocalTransformations", "Segmentation");
    return new MiningCompiler(context).compile();
  }

  private Scored compile() throws ModelLoadException {
    segmentation.checkChildren("Segment");
    Build build = context.build();
    int mark = build.resultMark();
    int end = mark;
    for (Element segment : segmentation.children("Segment")) {
      addSegment(segment);
      // Segments run one after the other, and what they answer is used before the next one does.
      end = Math.max(end, build.resultMark());
      build.releaseResults(mark);
    }
    if (programs.isEmpty()) {
      throw segmentation.wrong("no <Segment> (expected: at least 1)");
    }
    build.releaseResults(end);
    String method = segmentation.get("multipleModelMethod");
    Scored scored =
        switch (method) {
          case "modelChain", "selectFirst" -> selection();
          case "average",
              "weightedAverage",
              "sum",
              "weightedSum",
              "x-weightedSum",
              "median",
              "max",
              "majorityVote",
              "weightedMajorityVote" ->
              combination(method);
          default ->
              throw segmentation.wrong(
                  "multipleModelMethod: \""
                      + method
                      + "\" (expected: average, weightedAverage, sum, weightedSum, median, max,"
                      + " majorityVote, weightedMajorityVote, selectFirst or modelChain)");
        };
    return scored;
  }

  private void addSegment(Element segment) throws ModelLoadException {
    tests.add(predicates.inside(segment));
    weights.add(segment.number("weight", 1));
    Element model = null;
    for (Element child : segment.children()) {
      if (!PredicateCompiler.isPredicate(child)) {
        if (model != null) {
          throw child.wrong("a second model (expected: one in a segment)");
        }
        model = child;
      }
    }
    if (model == null) {
      throw segment.wrong("no model (expected: one)");
    }
    Program program = ModelCompiler.nested(model, scope);
    programs.add(program);
    if (isChain) {
      for (Map.Entry<String, Variable> output : program.outputs().entrySet()) {
        scope.put(output.getKey(), output.getValue());
      }
    }
  }

  private Segments segments(Result result) {
    int[][] categories = new int[programs.size()][];
    for (int i = 0; i < categories.length; i++) {
      double[] own = programs.get(i).result().categories();
      categories[i] = new int[own.length];
      for (int j = 0; j < own.length; j++) {
        categories[i][j] = result.indexOf(own[j]);
      }
    }
    return new Segments(
        predicates.build(),
        tests.stream().mapToInt(Integer::intValue).toArray(),
        programs.toArray(Program[]::new),
        weights.stream().mapToDouble(Double::doubleValue).toArray(),
        categories);
  }

  private Scored selection() throws ModelLoadException {
    Result last = programs.getLast().result();
    Set<Double> categories = new LinkedHashSet<>();
    int reasonCount = 0;
    for (Program program : isChain ? List.of(programs.getLast()) : programs) {
      Result one = program.result();
      reasonCount = Math.max(reasonCount, one.reasonCount());
      addAll(categories, one);
      boolean isSame = one.type() == last.type() || one.type().isNumber() && last.type().isNumber();
      if (!isSame) {
        throw segmentation.wrong(
            "segments that answer with "
                + one.type()
                + " and "
                + last.type()
                + " (expected: the same type)");
      }
    }
    double[] array = categories.stream().mapToDouble(Double::doubleValue).toArray();
    Result result = Result.of(last.type(), array, reasonCount, context.build());
    Selection selection = new Selection(segments(result), result, isChain);
    return new Scored(selection, result, scope);
  }

  private static void addAll(Set<Double> categories, Result result) {
    for (double category : result.categories()) {
      categories.add(category);
    }
  }

  private Scored combination(String method) throws ModelLoadException {
    context.checkFunction();
    boolean isVote = method.endsWith("ajorityVote");
    boolean isAverage = method.endsWith("verage");
    boolean isClassification = context.isClassification();
    Set<Double> categories = context.categories();
    for (Program program : programs) {
      addAll(categories, program.result());
      boolean isNumber = program.result().categories().length == 0;
      if (isNumber == isClassification) {
        throw segmentation.wrong(
            "a segment of "
                + (isNumber ? "regression" : "classification")
                + " (expected: what the model's functionName says)");
      }
    }
    if (isClassification ? !isVote && !isAverage : isVote) {
      throw segmentation.wrong(
          "multipleModelMethod: \""
              + method
              + "\" for "
              + context.element().get("functionName")
              + " (expected for classification: a vote or an average; for regression: no vote)");
    }
    boolean isSkipping =
        segmentation
            .choice("missingPredictionTreatment", "continue", "returnMissing", "skipSegment")
            .equals("skipSegment");
    double threshold = segmentation.number("missingThreshold", 1);
    if (!method.contains("eighted")) {
      weights.replaceAll(weight -> 1.0);
    }
    Result result = isClassification ? context.oneOf(categories) : context.number();
    Segments segments = segments(result);
    Scorer scorer =
        isClassification
            ? new Vote(segments, result, isVote, isSkipping, threshold)
            : new Combination(
                segments,
                result,
                isAverage
                    ? Combination.Way.AVERAGE
                    : method.equals("median")
                        ? Combination.Way.MEDIAN
                        : method.equals("max") ? Combination.Way.MAX : Combination.Way.SUM,
                isSkipping,
                threshold);
    return new Scored(scorer, result, scope);
  }
}
