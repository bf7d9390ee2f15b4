package io.salver.cli.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A mapping of the YAML file. Each read takes a key away from those that are unknown; {@link #end}
 * refuses the file if any is left.
 */
final class Section {
  private static final Pattern DURATION = Pattern.compile("(-?\\d+)(us|ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("(\\d+)(B|KiB|MiB|GiB|TiB)?");

  private final String path;
  private final Map<?, ?> values;
  private final Set<String> known = new TreeSet<>();

  Section(String path, @Nullable Object value) {
    this.path = path;
    if (value == null) {
      this.values = Map.of();
    } else if (value instanceof Map<?, ?> map) {
      this.values = map;
    } else {
      throw new ConfigException(place("", value) + " (expected: a mapping of keys to values)");
    }
  }

  /** Refuses the keys that nobody has asked for. */
  void end() {
    for (Object key : values.keySet()) {
      if (!(key instanceof String name) || !known.contains(name)) {
        throw new ConfigException(
            "unknown key: " + at(String.valueOf(key)) + " (expected: one of " + known + ")");
      }
    }
  }

  /** The keys, where they are names of something. */
  List<String> names() {
    return values.keySet().stream().map(String::valueOf).toList();
  }

  Section section(String key) {
    return new Section(at(key), get(key));
  }

  /** The keys that there are, all of which are the reader's to ask for. */
  Set<String> keys() {
    Set<String> keys = new TreeSet<>();
    values.keySet().forEach(key -> keys.add(String.valueOf(key)));
    return keys;
  }

  List<Section> sections(String key) {
    List<Section> sections = new ArrayList<>();
    int i = 0;
    for (Object element : list(key)) {
      sections.add(new Section(at(key) + "[" + i++ + "]", element));
    }
    return sections;
  }

  List<?> list(String key) {
    Object value = get(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw new ConfigException(place(key, value) + " (expected: a list)");
  }

  /** Whether the key is there, with a value or without. */
  boolean has(String key) {
    known.add(key);
    return values.containsKey(key);
  }

  /** The value as the parser gave it, or null if the key is absent. */
  @Nullable Object get(String key) {
    known.add(key);
    return values.get(key);
  }

  Optional<String> string(String key) {
    Object value = get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      return Optional.of(text);
    }
    throw new ConfigException(place(key, value) + " (expected: a string)");
  }

  List<String> strings(String key) {
    Object value = get(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String.class::cast).toList();
    }
    throw new ConfigException(place(key, value) + " (expected: a list of strings)");
  }

  String requiredString(String key) {
    return string(key)
        .filter(s -> !s.isEmpty())
        .orElseThrow(() -> new ConfigException(at(key) + ": missing (expected: a string)"));
  }

  Optional<Path> path(String key) {
    return string(key).map(text -> path(key, text));
  }

  Path requiredPath(String key) {
    return path(key, requiredString(key));
  }

  private Path path(String key, String text) {
    try {
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new ConfigException(
          at(key) + ": " + e.getInput() + " (expected: a path): " + e.getReason());
    }
  }

  boolean bool(String key, boolean otherwise) {
    Object value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean bool) {
      return bool;
    }
    throw new ConfigException(place(key, value) + " (expected: true or false)");
  }

  int integer(String key, int otherwise) {
    Object value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Integer integer) {
      return integer;
    }
    throw new ConfigException(place(key, value) + " (expected: an integer)");
  }

  List<Integer> integers(String key, List<Integer> otherwise) {
    if (get(key) == null) {
      return otherwise;
    }
    List<Integer> integers = new ArrayList<>();
    for (Object element : list(key)) {
      if (!(element instanceof Integer integer)) {
        throw new ConfigException(place(key, element) + " (expected: a list of integers)");
      }
      integers.add(integer);
    }
    return integers;
  }

  double number(String key, double otherwise) {
    Object value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new ConfigException(place(key, value) + " (expected: a number)");
  }

  List<Double> numbers(String key, List<Double> otherwise) {
    if (get(key) == null) {
      return otherwise;
    }
    List<Double> numbers = new ArrayList<>();
    for (Object element : list(key)) {
      if (!(element instanceof Number number)) {
        throw new ConfigException(place(key, element) + " (expected: a list of numbers)");
      }
      numbers.add(number.doubleValue());
    }
    return numbers;
  }

  <E extends Enum<E>> E choice(String key, Class<E> type, E otherwise) {
    Optional<String> value = string(key);
    if (value.isEmpty()) {
      return otherwise;
    }
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT);
      if (name.equals(value.get())) {
        return constant;
      }
      names.add(name);
    }
    throw new ConfigException(place(key, value.get()) + " (expected: one of " + names + ")");
  }

  Duration duration(String key, Duration otherwise) {
    Object value = get(key);
    if (value == null) {
      return otherwise;
    }
    Matcher matcher = DURATION.matcher(String.valueOf(value));
    if (!matcher.matches()) {
      throw new ConfigException(
          place(key, value) + " (expected: a number and us, ms, s, m or h, as 250ms)");
    }
    try {
      Duration duration = Duration.of(Long.parseLong(matcher.group(1)), unit(matcher.group(2)));
      if (duration.abs().compareTo(LifecycleConfig.LONGEST) <= 0) {
        return duration;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Too long for its type is too long.
    }
    throw new ConfigException(
        place(key, value) + " (expected: at most " + LifecycleConfig.LONGEST.toHours() + "h)");
  }

  private static ChronoUnit unit(String name) {
    return switch (name) {
      case "us" -> ChronoUnit.MICROS;
      case "ms" -> ChronoUnit.MILLIS;
      case "s" -> ChronoUnit.SECONDS;
      case "m" -> ChronoUnit.MINUTES;
      default -> ChronoUnit.HOURS;
    };
  }

  long sizeBytes(String key, long otherwise) {
    Object value = get(key);
    if (value == null) {
      return otherwise;
    }
    Matcher matcher = SIZE.matcher(String.valueOf(value));
    if (!matcher.matches()) {
      throw new ConfigException(
          place(key, value) + " (expected: a number and B, KiB, MiB, GiB or TiB, as 64MiB)");
    }
    String unit = matcher.group(2);
    int power = unit == null ? 0 : List.of("B", "KiB", "MiB", "GiB", "TiB").indexOf(unit);
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << 10 * power);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new ConfigException(
          place(key, value) + " (expected: at most " + Long.MAX_VALUE + " bytes)");
    }
  }

  /** The same problem, with the place of this section where it does not name one. */
  ConfigException placed(ConfigException e) {
    String message = String.valueOf(e.getMessage());
    boolean named = message.contains(path + ".") || message.startsWith(path + ":");
    return named ? e : new ConfigException(at(message));
  }

  /** Where a key of this section is, as {@code models[0].name}. */
  String at(String key) {
    return path.isEmpty() || key.isEmpty() ? path + key : path + "." + key;
  }

  private String place(String key, Object value) {
    return at(key) + ": " + value;
  }
}
