package io.salver.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A run of {@code ./salver}, as a user would start it. Closing it kills what is still alive. */
final class SalverProcess implements AutoCloseable {
  private static final String END = "<end of output>";

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> seen = new ArrayList<>();

  private SalverProcess(Process process) {
    this.process = process;
    Thread.ofPlatform().daemon().start(() -> copy(process.getInputStream()));
  }

  /** Starts {@code ./salver} with these arguments; output and errors come as one stream. */
  static SalverProcess start(String... arguments) throws IOException {
    return start(root(), Map.of(), arguments);
  }

  /** The same with the launcher in another directory. */
  static SalverProcess startIn(Path home, String... arguments) throws IOException {
    return start(home, Map.of(), arguments);
  }

  /** The same with these variables in its environment. */
  static SalverProcess start(Map<String, String> environment, String... arguments)
      throws IOException {
    return start(root(), environment, arguments);
  }

  private static SalverProcess start(
      Path home, Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(home.resolve("salver").toString()));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return new SalverProcess(builder.start());
  }

  /** The repository. */
  static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("salver"))) {
      directory = directory.getParent();
    }
    return directory;
  }

  /** A port that was free a moment ago. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void copy(InputStream output) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("output broke off: " + e);
    }
    lines.add(END);
  }

  /** Waits for a line that contains {@code text}; fails the test with all output if none comes. */
  String awaitLine(String text) throws InterruptedException {
    while (true) {
      String line = lines.poll(60, TimeUnit.SECONDS);
      if (line == null || line.equals(END)) {
        throw new AssertionError("no line with \"" + text + "\" in:\n" + String.join("\n", seen));
      }
      seen.add(line);
      if (line.contains(text)) {
        return line;
      }
    }
  }

  /** All output up to the end of the process. */
  String output() throws InterruptedException {
    while (true) {
      String line = lines.poll(60, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError("still running after:\n" + String.join("\n", seen));
      }
      if (line.equals(END)) {
        return String.join("\n", seen);
      }
      seen.add(line);
    }
  }

  long pid() {
    return process.pid();
  }

  /** Sends SIGTERM. */
  void terminate() {
    process.destroy();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("still running after a minute");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
