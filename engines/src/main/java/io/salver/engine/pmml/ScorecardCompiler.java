package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.List;

/** Compiles a {@code Scorecard}. */
final class ScorecardCompiler {
  private static final double[] NO_CATEGORIES = {};

  private final ModelContext context;
  private final PredicateCompiler predicates;
  private final boolean hasReasons;
  private final List<Scorecard.Characteristic> characteristics = new ArrayList<>();

  private ScorecardCompiler(ModelContext context) throws ModelLoadException {
    this.context = context;
    this.predicates = new PredicateCompiler(context.scope());
    this.hasReasons = context.element().flag("useReasonCodes", true);
  }

  /** The scorer of a {@code Scorecard}. */
  static Scored compile(ModelContext context) throws ModelLoadException {
    return new ScorecardCompiler(context).compile();
  }

  private Scored compile() throws ModelLoadException {
    Element card = context.element();
    card.checkChildren(
        "MiningSchema", "Output", "Targets", "LocalTransformations", "Characteristics");
    Element all = card.child("Characteristics");
    all.checkChildren("Characteristic");
    for (Element characteristic : all.children()) {
      add(characteristic);
    }
    DataType type = context.target().map(DataField::type).orElse(DataType.DOUBLE);
    Result result =
        Result.of(type, NO_CATEGORIES, hasReasons ? characteristics.size() : 0, context.build());
    boolean isBelow =
        card.choice("reasonCodeAlgorithm", "pointsBelow", "pointsAbove").equals("pointsBelow");
    return context.scored(
        new Scorecard(
            predicates.build(),
            characteristics.toArray(Scorecard.Characteristic[]::new),
            card.number("initialScore", 0),
            isBelow,
            result),
        result);
  }

  private void add(Element characteristic) throws ModelLoadException {
    characteristic.checkChildren("Attribute");
    List<Element> attributes = characteristic.children("Attribute");
    int[] tests = new int[attributes.size()];
    Expression[] scores = new Expression[tests.length];
    double[] reasons = new double[tests.length];
    for (int i = 0; i < tests.length; i++) {
      Element attribute = attributes.get(i);
      tests[i] = predicates.inside(attribute);
      scores[i] = score(attribute);
      reasons[i] = reason(attribute, characteristic);
    }
    double baseline = 0;
    if (hasReasons) {
      baseline =
          characteristic.has("baselineScore")
              ? characteristic.number("baselineScore")
              : context.element().number("baselineScore");
    }
    characteristics.add(new Scorecard.Characteristic(tests, scores, reasons, baseline));
  }

  private Expression score(Element attribute) throws ModelLoadException {
    if (attribute.find("ComplexPartialScore").isPresent()) {
      Element complex = attribute.child("ComplexPartialScore");
      Typed typed = Expressions.inside(complex, context.scope());
      return Casts.cast(typed, DataType.DOUBLE, complex, context.build());
    }
    double score = attribute.number("partialScore");
    return row -> score;
  }

  private double reason(Element attribute, Element characteristic) throws ModelLoadException {
    if (!hasReasons) {
      return Double.NaN;
    }
    String own = attribute.find("reasonCode", characteristic.find("reasonCode", null));
    if (own == null) {
      throw attribute.wrong("no reasonCode (expected: one, here or in the <Characteristic>)");
    }
    return context.build().texts().code(own);
  }
}
