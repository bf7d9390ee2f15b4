package io.salver.server.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A page of metrics, parsed strictly: a sample outside of its family, a family or a sample that
 * comes twice, and a line that is no such thing are errors.
 *
 * @param types the type of each family by name
 * @param labelNames the names of the labels of each family that has samples, sorted, joined by a
 *     comma
 * @param samples the value of each sample by name and labels, the labels sorted by name and
 *     unescaped: {@code name{a=1,b=2}}
 */
record Exposition(
    SequencedMap<String, String> types,
    Map<String, String> labelNames,
    Map<String, Double> samples) {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern SAMPLE =
      Pattern.compile("(" + NAME + ")(?:\\{(.*)})? (-?[0-9.]+(?:E-?[0-9]+)?|[+-]Inf|NaN)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\[\\\\n\"])*)\"(?:,|$)");

  static Exposition parse(String page) {
    Exposition parsed =
        new Exposition(new LinkedHashMap<>(), new TreeMap<>(), new LinkedHashMap<>());
    if (!page.endsWith("\n")) {
      throw new AssertionError("page does not end with a line feed");
    }
    page.lines().forEach(parsed::add);
    return parsed;
  }

  static Exposition of(MetricSource source) {
    MetricWriter out = new MetricWriter();
    source.writeTo(out);
    return parse(out.toString());
  }

  private void add(String line) {
    if (line.startsWith("# TYPE ")) {
      String[] words = line.split(" ");
      if (types.put(words[2], words[3]) != null) {
        throw new AssertionError("twice: " + line);
      }
    } else if (!line.startsWith("# HELP ")) {
      addSample(line);
    }
  }

  private void addSample(String line) {
    Matcher matcher = SAMPLE.matcher(line);
    if (!matcher.matches()) {
      throw new AssertionError("no sample: " + line);
    }
    String name = matcher.group(1);
    String family = types.lastEntry().getKey();
    boolean compound = List.of("histogram", "summary").contains(types.get(family));
    if (!(compound ? name.startsWith(family + "_") : name.equals(family))) {
      throw new AssertionError("in the family " + family + ": " + line);
    }
    Map<String, String> labels = labels(matcher.group(2) == null ? "" : matcher.group(2));
    double value = Double.parseDouble(matcher.group(3).replace("Inf", "Infinity"));
    if (samples.put(name + (labels.isEmpty() ? "" : text(labels)), value) != null) {
      throw new AssertionError("twice: " + line);
    }
    labels.remove("le");
    labelNames.put(family, String.join(",", labels.keySet()));
  }

  private static String text(Map<String, String> labels) {
    return labels.entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new TreeMap<>();
    Matcher matcher = LABEL.matcher(text);
    int end = 0;
    while (end < text.length()) {
      if (!matcher.find(end) || matcher.start() != end) {
        throw new AssertionError("no labels: " + text);
      }
      labels.put(matcher.group(1), unescaped(matcher.group(2)));
      end = matcher.end();
    }
    return labels;
  }

  private static String unescaped(String value) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      plain.append(c != '\\' ? c : value.charAt(++i) == 'n' ? '\n' : value.charAt(i));
    }
    return plain.toString();
  }

  /** The value of a sample, 0 if there is none. */
  double value(String nameAndLabels) {
    return samples.getOrDefault(nameAndLabels, 0.0);
  }
}
