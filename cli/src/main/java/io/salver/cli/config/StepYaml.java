package io.salver.cli.config;

import io.salver.engine.steps.StepSpec;
import java.util.ArrayList;
import java.util.List;

/** Reads the steps around a model: a list, with one key in each element, which is its kind. */
final class StepYaml {
  private static final int MAX_PIXELS = 1 << 24;
  private static final int MAX_TOKENS = 512;
  private static final int TOP = 5;
  private static final List<String> KINDS =
      List.of("image", "word_pieces", "columns", "softmax", "labels", "names");

  private StepYaml() {}

  static List<StepSpec> read(Section owner, String key) {
    List<StepSpec> steps = new ArrayList<>();
    for (Section element : owner.sections(key)) {
      steps.add(step(element));
      element.end();
    }
    return steps;
  }

  private static StepSpec step(Section element) {
    List<String> kinds = KINDS.stream().filter(kind -> element.get(kind) != null).toList();
    if (kinds.size() != 1) {
      throw new ConfigException(
          element.at("") + ": " + kinds + " (expected: one of " + KINDS + ")");
    }
    Section s = element.section(kinds.getFirst());
    StepSpec step =
        switch (kinds.getFirst()) {
          case "image" -> image(s);
          case "word_pieces" -> wordPieces(s);
          case "columns" -> columns(s);
          case "softmax" -> softmax(s);
          case "labels" -> labels(s);
          default -> names(s);
        };
    s.end();
    return step;
  }

  private static StepSpec image(Section s) {
    List<Double> range = s.numbers("range", List.of(0.0, 255.0));
    if (range.size() != 2) {
      throw new ConfigException(s.at("range") + ": " + range + " (expected: [low, high])");
    }
    int maxPixels = s.integer("max_pixels", MAX_PIXELS);
    if (maxPixels < 1) {
      throw new ConfigException(s.at("max_pixels") + ": " + maxPixels + " (expected: >= 1)");
    }
    return new StepSpec.Image(
        s.string("input").orElse("image"),
        s.requiredString("tensor"),
        s.integers("size", List.of()),
        s.choice("resize", StepSpec.Resize.class, StepSpec.Resize.STRETCH),
        s.number("crop_fraction", 1),
        s.choice("color", StepSpec.Color.class, StepSpec.Color.RGB),
        range.get(0),
        range.get(1),
        s.numbers("mean", List.of()),
        s.numbers("std", List.of()),
        maxPixels);
  }

  private static StepSpec wordPieces(Section s) {
    return new StepSpec.WordPieces(
        s.string("input").orElse("text"),
        s.requiredString("vocabulary"),
        s.bool("lower_case", true),
        s.integer("max_tokens", MAX_TOKENS),
        s.requiredString("ids"),
        s.string("mask"),
        s.string("types"));
  }

  private static StepSpec columns(Section s) {
    return new StepSpec.Columns(s.strings("inputs"), s.requiredString("tensor"));
  }

  private static StepSpec softmax(Section s) {
    String tensor = s.requiredString("tensor");
    return new StepSpec.Softmax(tensor, s.string("output").orElse(tensor));
  }

  private static StepSpec labels(Section s) {
    return new StepSpec.Labels(
        s.requiredString("tensor"),
        s.requiredString("file"),
        s.integer("top", TOP),
        s.string("label").orElse("label"),
        s.string("score").orElse("score"));
  }

  private static StepSpec names(Section s) {
    String tensor = s.requiredString("tensor");
    return new StepSpec.Names(tensor, s.requiredString("file"), s.string("output").orElse(tensor));
  }
}
