package io.salver.lifecycle;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Use counts in a text file: a line for each model, the count, a tab and the model's name. */
public final class UseFile implements UseStore {
  private static final long MAX_BYTES = 64 << 20;

  private final Path file;

  /** Uses {@code file}, which need not be there yet; its directory is made when it is written. */
  public UseFile(Path file) {
    this.file = file;
  }

  @Override
  public Map<String, Double> read() throws IOException {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new IOException(file + ": " + size + " bytes (expected: at most " + MAX_BYTES + ")");
      }
      Map<String, Double> uses = new HashMap<>();
      for (String line : Files.readAllLines(file)) {
        parse(line, uses);
      }
      return uses;
    } catch (NoSuchFileException none) {
      return Map.of();
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": not text in UTF-8 (expected: lines of count, tab, model)", e);
    }
  }

  private void parse(String line, Map<String, Double> uses) throws IOException {
    int tab = line.indexOf('\t');
    try {
      double count = Double.parseDouble(line.substring(0, Math.max(tab, 0)));
      if (count >= 0 && count < Double.MAX_VALUE && tab < line.length() - 1) {
        uses.put(line.substring(tab + 1), count);
        return;
      }
    } catch (NumberFormatException e) {
      // Refused below, like a number that is out of range.
    }
    throw new IOException(file + ": \"" + line + "\" (expected: a count >= 0, a tab and a model)");
  }

  @Override
  public void write(Map<String, Double> uses) throws IOException {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(uses)
        .forEach((model, count) -> {
          if (model.indexOf('\n') < 0 && model.indexOf('\r') < 0) {
            text.append(String.format(Locale.ROOT, "%.4g", count)).append('\t');
            text.append(model).append('\n');
          }
        });
    Path whole = file.resolveSibling(file.getFileName() + ".new");
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(whole, text);
    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
