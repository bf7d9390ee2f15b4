package io.salver.it;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A server with a little traffic, and a browser at its console. */
final class ConsoleStand implements AutoCloseable {
  /** What clients of the server ask while people look at it. */
  interface Traffic {
    /** Asks something for the {@code round}-th time, from 0. */
    void ask(RestClient rest, int round) throws IOException, InterruptedException;
  }

  private final RunningServer server;
  private final ConsoleBrowser browser;
  private final Thread load;

  private ConsoleStand(RunningServer server, ConsoleBrowser browser, Thread load) {
    this.server = server;
    this.browser = browser;
    this.load = load;
  }

  /** Starts all three, or skips the test where there is no browser. */
  static ConsoleStand start(Path config, Duration pause, Traffic traffic) throws Exception {
    RunningServer server = RunningServer.start("--config=" + config);
    ConsoleBrowser browser;
    try {
      browser = ConsoleBrowser.start(server.restPort());
    } catch (RuntimeException noBrowser) {
      server.close();
      throw noBrowser;
    }
    Thread load = Thread.ofVirtual().start(() -> load(server, pause, traffic));
    return new ConsoleStand(server, browser, load);
  }

  private static void load(RunningServer server, Duration pause, Traffic traffic) {
    try {
      for (int round = 0; !Thread.currentThread().isInterrupted(); round++) {
        traffic.ask(server.rest(), round);
        LockSupport.parkNanos(pause.toNanos());
      }
    } catch (IOException | InterruptedException e) {
      // The server has ended.
    }
  }

  RunningServer server() {
    return server;
  }

  ConsoleBrowser browser() {
    return browser;
  }

  @Override
  public void close() {
    load.interrupt();
    browser.close();
    server.close();
  }
}
