package io.salver.engine.pmml;

import io.salver.engine.describe.OperatorCounts;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a document says of itself, for a person. */
final class PmmlDescription {
  /** What tells the size of a model. */
  private static final Set<String> COUNTED =
      Set.of(
          "BayesInput",
          "Characteristic",
          "Cluster",
          "DataField",
          "DerivedField",
          "NeuralLayer",
          "Node",
          "RegressionTable",
          "Segment",
          "TreeModel");

  private PmmlDescription() {}

  /** Who made it, its version, its model, and how many it has of what models are made of. */
  static Map<String, String> of(Element document) {
    Map<String, String> entries = new LinkedHashMap<>();
    Optional<Element> application =
        document.find("Header").flatMap(header -> header.find("Application"));
    if (application.isPresent()) {
      String by = application.get().get("name", "") + " " + application.get().get("version", "");
      entries.put("made by", by.strip());
    }
    entries.put("version", "PMML " + document.get("version", ""));
    for (Element model : document.children()) {
      if (model.find("MiningSchema").isPresent()) {
        String algorithm = model.get("algorithmName", "");
        entries.put(
            "model",
            model.name()
                + " for "
                + model.get("functionName", "no function")
                + (algorithm.isEmpty() ? "" : ", " + algorithm));
      }
    }
    OperatorCounts elements = new OperatorCounts();
    count(document, elements);
    entries.put("elements", elements.toString());
    return entries;
  }

  /** Whoever read the document has bounded how deep its elements lie. */
  private static void count(Element element, OperatorCounts counts) {
    for (Element child : element.children()) {
      if (COUNTED.contains(child.name())) {
        counts.add(child.name());
      }
      count(child, counts);
    }
  }
}
