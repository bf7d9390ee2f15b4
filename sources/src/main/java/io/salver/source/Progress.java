package io.salver.source;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * How far a file has come, as it is written down beside it.
 *
 * @param done whether it is whole and verified
 * @param bytes of it outlast a loss of power
 * @param totalBytes that it will have; below 0 if that is not known
 * @param tag of the content that they belong to
 */
record Progress(boolean done, long bytes, long totalBytes, String tag) {
  private static final int LINES = 4;

  /** What is written down; empty if that is nothing that can be used. */
  static Optional<Progress> read(Path file) throws IOException {
    try {
      String[] lines = Files.readString(file).split("\n", LINES);
      return lines.length < LINES
          ? Optional.empty()
          : Optional.of(
              new Progress(
                  lines[0].equals("done"),
                  Long.parseLong(lines[1]),
                  Long.parseLong(lines[2]),
                  lines[3]));
    } catch (NoSuchFileException | MalformedInputException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Writes it down, wholly or not at all. */
  void write(Path file) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    String state = done ? "done" : "coming";
    Files.writeString(written, state + "\n" + bytes + "\n" + totalBytes + "\n" + tag);
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
