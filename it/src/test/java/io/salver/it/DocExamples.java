package io.salver.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The examples in the documentation: a {@code sh} block with curl, and the {@code json} block after
 * it.
 */
final class DocExamples {
  private static final Pattern EXAMPLE =
      Pattern.compile("```sh\\n(curl [^`]*?)```\\s*(?:[^`]*?\\s)?```json\\n([^`]*?)```");

  /**
   * An example.
   *
   * @param page the page's path in the repository
   * @param command what a reader would type
   * @param answer the JSON that it should print
   */
  record Example(String page, String command, String answer) {
    @Override
    public String toString() {
      return page + ": " + command.strip();
    }
  }

  private DocExamples() {}

  /** Every example of every page in the repository. */
  static List<Example> all() throws IOException {
    Path root = SalverProcess.root();
    List<Example> examples = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path page : (Iterable<Path>) files.sorted()::iterator) {
        String name = root.relativize(page).toString();
        if (name.endsWith(".md") && !name.contains("target/")) {
          Matcher matcher = EXAMPLE.matcher(Files.readString(page));
          while (matcher.find()) {
            examples.add(new Example(name, matcher.group(1), matcher.group(2)));
          }
        }
      }
    }
    return examples;
  }
}
