package io.salver.engine.pmml;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** Random PMML documents and rows, the same for the same seed. */
final class RandomPmml {
  private static final List<String> NUMBERS = List.of("x0", "x1", "x2", "d0", "d1");
  private static final List<String> TEXTS = List.of("c0", "c1", "t0");
  private static final List<String> COLORS = List.of("red", "green", "blue");
  private static final List<String> CLASSES = List.of("a", "b", "c");

  private final Random random;
  private int nodes;

  RandomPmml(long seed) {
    random = new Random(seed);
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  @SafeVarargs
  private <T> T any(T... from) {
    return from[random.nextInt(from.length)];
  }

  /** A number with few digits, so that some are equal. */
  private double number() {
    return (random.nextInt(81) - 40) / 8.0;
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  Map<String, Object> row() {
    Map<String, Object> row = new LinkedHashMap<>();
    for (String name : List.of("x0", "x1", "x2")) {
      if (!chance(15)) {
        row.put(name, number());
      }
    }
    for (String name : List.of("c0", "c1")) {
      if (!chance(15)) {
        row.put(name, name.equals("c1") && chance(10) ? "violet" : pick(COLORS));
      }
    }
    return row;
  }

  String document() {
    boolean isClass = chance(50);
    Supplier<String> model =
        any(
            () -> tree(isClass, true),
            () -> regression(isClass, true),
            () -> ensemble(isClass),
            () -> chain(),
            () -> scorecard(),
            () -> clustering(),
            () -> bayes(),
            () -> general(isClass));
    String text = model.get();
    boolean isText = text.contains("functionName=\"classification\"");
    return "<?xml version=\"1.0\"?>\n<PMML version=\"4.3\" xmlns=\"http://www.dmg.org/PMML-4_3\">"
        + "<Header/><DataDictionary>"
        + "<DataField name=\"x0\" optype=\"continuous\" dataType=\"double\"/>"
        + "<DataField name=\"x1\" optype=\"continuous\" dataType=\"double\"/>"
        + "<DataField name=\"x2\" optype=\"continuous\" dataType=\"double\"/>"
        + "<DataField name=\"c0\" optype=\"categorical\" dataType=\"string\"/>"
        + "<DataField name=\"c1\" optype=\"categorical\" dataType=\"string\">"
        + "<Value value=\"red\"/><Value value=\"green\"/><Value value=\"blue\"/></DataField>"
        + (isText
            ? "<DataField name=\"y\" optype=\"categorical\" dataType=\"string\"><Value value=\"a\"/>"
                + "<Value value=\"b\"/><Value value=\"c\"/></DataField>"
            : "<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/>")
        + "</DataDictionary><TransformationDictionary>"
        + derived("d0", "double", numeric(2))
        + derived("t0", "string", textual())
        + "</TransformationDictionary>"
        + text
        + "</PMML>";
  }

  private static String derived(String name, String type, String expression) {
    return "<DerivedField name=\"%s\" optype=\"%s\" dataType=\"%s\">%s</DerivedField>"
        .formatted(name, type.equals("string") ? "categorical" : "continuous", type, expression);
  }

  private String schema(String target) {
    StringBuilder schema = new StringBuilder("<MiningSchema>");
    if (!target.isEmpty()) {
      schema.append("<MiningField name=\"%s\" usageType=\"target\"/>".formatted(target));
    }
    schema.append("<MiningField name=\"x0\"/><MiningField name=\"x1\"");
    schema.append(chance(30) ? " missingValueReplacement=\"1.5\"" : "");
    schema.append("/><MiningField name=\"x2\"");
    if (chance(40)) {
      schema.append(
          " outliers=\"%s\" lowValue=\"-2\" highValue=\"2.5\""
              .formatted(any("asMissingValues", "asExtremeValues")));
    }
    schema.append("/><MiningField name=\"c0\"");
    schema.append(chance(30) ? " missingValueReplacement=\"red\"" : "");
    return schema
        .append("/><MiningField name=\"c1\" invalidValueTreatment=\"")
        .append(any("asMissing", "asIs"))
        .append("\"/></MiningSchema>")
        .toString();
  }

  private static String nestedSchema() {
    return "<MiningSchema><MiningField name=\"x0\"/><MiningField name=\"x1\"/>"
        + "<MiningField name=\"x2\"/><MiningField name=\"c0\"/><MiningField name=\"c1\"/>"
        + "</MiningSchema>";
  }

  private String local() {
    return "<LocalTransformations>"
        + derived("d1", "double", numeric(3))
        + "</LocalTransformations>";
  }

  private String ref(String name) {
    return "<FieldRef field=\"" + name + "\"/>";
  }

  private String numeric(int depth) {
    String x = any("x0", "x1", "x2");
    if (depth == 0) {
      return chance(60)
          ? "<FieldRef field=\"%s\"%s/>".formatted(x, chance(30) ? " mapMissingTo=\"0.5\"" : "")
          : "<Constant dataType=\"double\">" + number() + "</Constant>";
    }
    String extra =
        (chance(20) ? " mapMissingTo=\"-1.25\"" : "") + (chance(20) ? " defaultValue=\"3\"" : "");
    return switch (random.nextInt(6)) {
      case 0 ->
          "<NormContinuous field=\"%s\" outliers=\"%s\"><LinearNorm orig=\"-2\" norm=\"0\"/><LinearNorm orig=\"0.5\" norm=\"2\"/><LinearNorm orig=\"3\" norm=\"1\"/></NormContinuous>"
              .formatted(x, any("asIs", "asMissingValues", "asExtremeValues"));
      case 1 ->
          "<NormDiscrete field=\"%s\" value=\"%s\"%s/>"
              .formatted(any("c0", "c1"), pick(COLORS), chance(30) ? " mapMissingTo=\"0.25\"" : "");
      case 2 ->
          ("<MapValues outputColumn=\"out\" dataType=\"double\"%s><FieldColumnPair field=\"c0\""
                  + " column=\"one\"/><FieldColumnPair field=\"c1\" column=\"two\"/><InlineTable>"
                  + "<row><one>red</one><two>blue</two><out>1</out></row>"
                  + "<row><one>blue</one><two>blue</two><out>2.5</out></row>"
                  + "<row><one>green</one><two>red</two><out>-3</out></row></InlineTable></MapValues>")
              .formatted(chance(50) ? " defaultValue=\"7\"" : "");
      case 3 ->
          "<Apply function=\"if\"%s>%s%s%s</Apply>"
              .formatted(extra, truth(2), numeric(depth - 1), numeric(depth - 1));
      case 4 ->
          "<Apply function=\"%s\"%s>%s</Apply>".formatted(any("exp", "ln"), extra, numeric(0));
      default ->
          "<Apply function=\"%s\"%s>%s%s</Apply>"
              .formatted(
                  any("+", "-", "*", "min", "max", "avg"),
                  extra,
                  numeric(depth - 1),
                  numeric(depth - 1));
    };
  }

  private String truth(int depth) {
    return switch (random.nextInt(depth == 0 ? 3 : 4)) {
      case 0 -> "<Apply function=\"isMissing\">" + ref(any("x0", "c1")) + "</Apply>";
      case 1 -> "<Apply function=\"lessThan\">" + numeric(0) + numeric(0) + "</Apply>";
      case 2 ->
          "<Apply function=\"equal\">%s<Constant dataType=\"string\">%s</Constant></Apply>"
              .formatted(ref("c0"), pick(COLORS));
      default ->
          "<Apply function=\"%s\">%s%s</Apply>"
              .formatted(any("and", "or"), truth(depth - 1), truth(depth - 1));
    };
  }

  private String textual() {
    return switch (random.nextInt(3)) {
      case 0 -> "<Apply function=\"uppercase\">" + ref("c1") + "</Apply>";
      case 1 -> "<Apply function=\"concat\">" + ref("c0") + ref("c1") + "</Apply>";
      default ->
          ("<Discretize field=\"x1\"%s><DiscretizeBin binValue=\"red\"><Interval"
                  + " closure=\"openClosed\" rightMargin=\"-1\"/></DiscretizeBin>"
                  + "<DiscretizeBin binValue=\"RED\"><Interval closure=\"closedOpen\""
                  + " leftMargin=\"0\" rightMargin=\"2\"/></DiscretizeBin></Discretize>")
              .formatted(
                  (chance(50) ? " defaultValue=\"redblue\"" : "")
                      + (chance(50) ? " mapMissingTo=\"blue\"" : ""));
    };
  }

  private String simple() {
    if (chance(15)) {
      return "<SimplePredicate field=\"%s\" operator=\"%s\"/>"
          .formatted(chance(50) ? pick(NUMBERS) : pick(TEXTS), any("isMissing", "isNotMissing"));
    }
    if (chance(60)) {
      return "<SimplePredicate field=\"%s\" operator=\"%s\" value=\"%s\"/>"
          .formatted(
              pick(NUMBERS),
              any("lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual", "equal", "notEqual"),
              number());
    }
    return chance(50)
        ? "<SimplePredicate field=\"%s\" operator=\"%s\" value=\"%s\"/>"
            .formatted(pick(TEXTS), any("equal", "notEqual"), any("red", "blue", "RED", "redblue"))
        : "<SimpleSetPredicate field=\"%s\" booleanOperator=\"%s\"><Array type=\"string\" n=\"3\">red RED redblue</Array></SimpleSetPredicate>"
            .formatted(pick(TEXTS), any("isIn", "isNotIn"));
  }

  private String predicate() {
    return chance(75)
        ? simple()
        : "<CompoundPredicate booleanOperator=\"%s\">%s%s%s</CompoundPredicate>"
            .formatted(
                any("and", "or", "xor", "surrogate"),
                simple(),
                simple(),
                chance(50) ? simple() : "<False/>");
  }

  private String node(int depth, boolean isClass, String predicate, int id) {
    StringBuilder body = new StringBuilder();
    String attributes = "";
    if (isClass) {
      for (String category : CLASSES) {
        body.append(
            "<ScoreDistribution value=\"%s\" recordCount=\"%d\"/>"
                .formatted(category, 1 + random.nextInt(20)));
      }
    }
    if (depth > 0 && chance(85)) {
      int first = ++nodes;
      int second = ++nodes;
      attributes = " defaultChild=\"" + (chance(50) ? first : second) + "\"";
      body.append(node(depth - 1, isClass, predicate(), first));
      body.append(node(depth - 1, isClass, chance(60) ? "<True/>" : predicate(), second));
    }
    return "<Node id=\"%d\" score=\"%s\"%s>%s%s</Node>"
        .formatted(id, isClass ? pick(CLASSES) : number(), attributes, predicate, body);
  }

  private String outputs(boolean isClass, String more) {
    StringBuilder out = new StringBuilder("<Output>");
    out.append(
        "<OutputField name=\"prediction\" dataType=\"%s\" feature=\"predictedValue\"/>"
            .formatted(isClass ? "string" : "double"));
    if (isClass) {
      for (String category : CLASSES) {
        out.append(
            "<OutputField name=\"p(%s)\" dataType=\"double\" feature=\"probability\" value=\"%s\"/>"
                .formatted(category, category));
      }
    } else {
      out.append(
          ("<OutputField name=\"twice\" dataType=\"double\" feature=\"transformedValue\"><Apply"
              + " function=\"+\"><FieldRef field=\"prediction\"/><FieldRef field=\"prediction\"/>"
              + "</Apply></OutputField>"));
    }
    return out.append(more).append("</Output>").toString();
  }

  private String targets() {
    return chance(40)
        ? "<Targets><Target field=\"y\" min=\"-3\" max=\"3\" rescaleFactor=\"1.5\" rescaleConstant=\"0.25\"%s/></Targets>"
            .formatted(any("", " castInteger=\"round\"", " castInteger=\"floor\""))
        : "";
  }

  private String tree(boolean isClass, boolean isTop) {
    nodes = 0;
    return "<TreeModel functionName=\"%s\" missingValueStrategy=\"%s\" noTrueChildStrategy=\"%s\">%s%s%s%s%s</TreeModel>"
        .formatted(
            isClass ? "classification" : "regression",
            any("none", "lastPrediction", "nullPrediction", "defaultChild"),
            any("returnNullPrediction", "returnLastPrediction"),
            isTop ? schema("y") : nestedSchema(),
            isTop
                ? outputs(
                    isClass,
                    "<OutputField name=\"node\" dataType=\"string\" feature=\"entityId\"/>")
                : "",
            isTop && !isClass ? targets() : "",
            local(),
            node(4, isClass, "<True/>", 0));
  }

  private String table(String attributes) {
    return "<RegressionTable intercept=\"%s\"%s><NumericPredictor name=\"%s\" coefficient=\"%s\"/><NumericPredictor name=\"%s\" exponent=\"2\" coefficient=\"0.25\"/><CategoricalPredictor name=\"c0\" value=\"red\" coefficient=\"%s\"/><CategoricalPredictor name=\"c0\" value=\"blue\" coefficient=\"%s\"/><PredictorTerm coefficient=\"0.5\"><FieldRef field=\"x0\"/><FieldRef field=\"%s\"/></PredictorTerm></RegressionTable>"
        .formatted(
            number(),
            attributes,
            pick(NUMBERS),
            number(),
            any("x1", "x2"),
            number(),
            number(),
            any("x1", "d1"));
  }

  private String regression(boolean isClass, boolean isTop) {
    StringBuilder tables = new StringBuilder();
    String method = any("none", "logit", "cloglog", "loglog", "cauchit", "exp", "softmax");
    if (isClass) {
      method = any("softmax", "logit", "cauchit", "loglog");
      for (String category : CLASSES) {
        tables.append(table(" targetCategory=\"" + category + "\""));
      }
    } else {
      tables.append(table(""));
    }
    return "<RegressionModel functionName=\"%s\" normalizationMethod=\"%s\">%s%s%s%s%s</RegressionModel>"
        .formatted(
            isClass ? "classification" : "regression",
            method,
            isTop ? schema("y") : nestedSchema(),
            isTop ? outputs(isClass, "") : "",
            isTop && !isClass ? targets() : "",
            local(),
            tables);
  }

  private String ensemble(boolean isClass) {
    StringBuilder segments = new StringBuilder();
    String method =
        isClass
            ? any(
                "majorityVote", "weightedMajorityVote", "average", "weightedAverage", "selectFirst")
            : any("sum", "average", "weightedAverage", "median", "max", "selectFirst");
    int count = 2 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      segments.append(
          "<Segment weight=\"%s\">%s%s</Segment>"
              .formatted(
                  0.5 + random.nextInt(4),
                  chance(70)
                      ? "<True/>"
                      : any(
                          "<SimplePredicate field=\"x0\" operator=\"lessThan\" value=\"1\"/>",
                          "<SimplePredicate field=\"t0\" operator=\"equal\" value=\"RED\"/>"),
                  chance(80) ? tree(isClass, false) : regression(isClass, false)));
    }
    return "<MiningModel functionName=\"%s\">%s%s%s<Segmentation multipleModelMethod=\"%s\">%s</Segmentation></MiningModel>"
        .formatted(
            isClass ? "classification" : "regression",
            schema("y"),
            outputs(isClass, ""),
            isClass ? "" : targets(),
            method,
            segments);
  }

  /** As boosted trees are written: a sum, then a function of it. */
  private String chain() {
    String sum =
        "<MiningModel functionName=\"regression\">%s<Output><OutputField name=\"margin\" dataType=\"double\" feature=\"predictedValue\" isFinalResult=\"false\"/></Output><Segmentation multipleModelMethod=\"sum\"><Segment><True/>%s</Segment><Segment><True/>%s</Segment></Segmentation></MiningModel>"
            .formatted(nestedSchema(), tree(false, false), tree(false, false));
    String last =
        "<RegressionModel functionName=\"classification\" normalizationMethod=\"logit\"><MiningSchema><MiningField name=\"y\" usageType=\"target\"/><MiningField name=\"margin\"/></MiningSchema><RegressionTable targetCategory=\"b\" intercept=\"0\"><NumericPredictor name=\"margin\" coefficient=\"-1\"/></RegressionTable><RegressionTable targetCategory=\"a\" intercept=\"0\"/></RegressionModel>";
    return "<MiningModel functionName=\"classification\">%s<Output><OutputField name=\"p\" dataType=\"double\" feature=\"probability\" value=\"b\"/></Output><Segmentation multipleModelMethod=\"modelChain\"><Segment>%s%s</Segment><Segment><True/>%s</Segment></Segmentation></MiningModel>"
        .formatted(
            schema("y"),
            chance(80)
                ? "<True/>"
                : "<SimplePredicate field=\"x0\" operator=\"lessThan\" value=\"1\"/>",
            sum,
            last);
  }

  private String scorecard() {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      all.append("<Characteristic name=\"n%d\" baselineScore=\"%s\">".formatted(i, number()));
      for (int j = 0; j < 3; j++) {
        all.append(
            "<Attribute partialScore=\"%s\" reasonCode=\"R%d\">%s</Attribute>"
                .formatted(
                    number(), random.nextInt(6), j == 2 && chance(90) ? "<True/>" : predicate()));
      }
      all.append("</Characteristic>");
    }
    return "<Scorecard functionName=\"regression\" initialScore=\"%s\" reasonCodeAlgorithm=\"%s\">%s%s%s<Characteristics>%s</Characteristics></Scorecard>"
        .formatted(
            number(),
            any("pointsBelow", "pointsAbove"),
            schema("y"),
            outputs(
                false,
                "<OutputField name=\"r1\" dataType=\"string\" feature=\"reasonCode\" rank=\"1\"/><OutputField name=\"r3\" dataType=\"string\" feature=\"reasonCode\" rank=\"3\"/>"),
            local(),
            all);
  }

  private String clustering() {
    StringBuilder clusters = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      clusters.append(
          "<Cluster id=\"k%d\"><Array n=\"3\" type=\"real\">%s %s %s</Array></Cluster>"
              .formatted(i, number(), number(), number()));
    }
    return "<ClusteringModel functionName=\"clustering\" modelClass=\"centerBased\" numberOfClusters=\"4\">%s<Output><OutputField name=\"cluster\" dataType=\"string\" feature=\"predictedValue\"/><OutputField name=\"id\" dataType=\"string\" feature=\"entityId\"/><OutputField name=\"near\" dataType=\"double\" feature=\"affinity\" value=\"k2\"/></Output>%s<ComparisonMeasure kind=\"distance\"><euclidean/></ComparisonMeasure><ClusteringField field=\"x0\" compareFunction=\"absDiff\"/><ClusteringField field=\"d1\" fieldWeight=\"2\" compareFunction=\"absDiff\"/><ClusteringField field=\"x2\" compareFunction=\"absDiff\"/>%s</ClusteringModel>"
        .formatted(schema(""), local(), clusters);
  }

  private String counts() {
    return "<TargetValueCounts><TargetValueCount value=\"a\" count=\"%d\"/><TargetValueCount value=\"b\" count=\"%d\"/><TargetValueCount value=\"c\" count=\"%d\"/></TargetValueCounts>"
        .formatted(random.nextInt(9), random.nextInt(9), 1 + random.nextInt(9));
  }

  private String bayes() {
    StringBuilder pairs = new StringBuilder();
    for (String color : COLORS) {
      pairs.append("<PairCounts value=\"%s\">%s</PairCounts>".formatted(color, counts()));
    }
    StringBuilder stats = new StringBuilder();
    for (String category : CLASSES) {
      stats.append(
          "<TargetValueStat value=\"%s\"><GaussianDistribution mean=\"%s\" variance=\"%s\"/></TargetValueStat>"
              .formatted(category, number(), 0.5 + random.nextInt(5)));
    }
    return "<NaiveBayesModel functionName=\"classification\" threshold=\"0.001\">%s%s<BayesInputs><BayesInput fieldName=\"c0\">%s</BayesInput><BayesInput fieldName=\"x0\"><TargetValueStats>%s</TargetValueStats></BayesInput></BayesInputs><BayesOutput fieldName=\"y\">%s</BayesOutput></NaiveBayesModel>"
        .formatted(schema("y"), outputs(true, ""), pairs, stats, counts());
  }

  private String general(boolean isClass) {
    StringBuilder cells = new StringBuilder();
    for (String category : isClass ? List.of("a", "b") : List.of("")) {
      for (int i = 0; i < 4; i++) {
        cells.append(
            "<PCell parameterName=\"p%d\" beta=\"%s\"%s/>"
                .formatted(i, number() / 4, isClass ? " targetCategory=\"" + category + "\"" : ""));
      }
    }
    return "<GeneralRegressionModel functionName=\"%s\" modelType=\"%s\"%s>%s%s<ParameterList><Parameter name=\"p0\"/><Parameter name=\"p1\"/><Parameter name=\"p2\"/><Parameter name=\"p3\"/></ParameterList><FactorList><Predictor name=\"c0\"/></FactorList><CovariateList><Predictor name=\"x0\"/><Predictor name=\"x1\"/></CovariateList><PPMatrix><PPCell value=\"1\" predictorName=\"x0\" parameterName=\"p1\"/><PPCell value=\"2\" predictorName=\"x1\" parameterName=\"p2\"/><PPCell value=\"1\" predictorName=\"x0\" parameterName=\"p3\"/><PPCell value=\"red\" predictorName=\"c0\" parameterName=\"p3\"/></PPMatrix><ParamMatrix>%s</ParamMatrix></GeneralRegressionModel>"
        .formatted(
            isClass ? "classification" : "regression",
            isClass ? "multinomialLogistic" : "generalizedLinear",
            isClass
                ? " targetReferenceCategory=\"c\""
                : " offsetValue=\"0.5\" linkFunction=\"%s\""
                    .formatted(any("identity", "log", "logit", "cloglog", "cauchit")),
            schema("y"),
            outputs(isClass, ""),
            cells);
  }
}
