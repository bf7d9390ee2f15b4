package io.salver.endpoint;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Does operations until it is killed, and says which it has begun and ended. */
final class KilledWriter {
  private KilledWriter() {}

  /** Takes the directory, the seed and the number of the first operation. */
  public static void main(String[] args) {
    try (ControlStore store = new SqliteStore(Path.of(args[0]), NativeLibrary.DRIVERS_OWN);
        ControlOperations operations = new ControlOperations(store, Long.parseLong(args[1]))) {
      for (int number = Integer.parseInt(args[2]); true; number++) {
        say('<', number);
        operations.run(number);
        say('>', number);
      }
    }
  }

  /** In one write, so that a kill does not leave half of it. */
  private static void say(char what, int number) {
    byte[] line = (what + Integer.toString(number) + "\n").getBytes(StandardCharsets.US_ASCII);
    System.out.write(line, 0, line.length);
    System.out.flush();
  }
}
