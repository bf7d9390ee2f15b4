package io.salver.cli;

import io.salver.cli.config.SalverConfig;
import io.salver.cli.logging.Logging;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** A server that is the whole process: runs until the process is told to stop. */
final class ServerProcess {
  private static final Logger LOG = System.getLogger(ServerProcess.class.getName());

  private ServerProcess() {}

  /**
   * Serves until SIGTERM or SIGINT, then drains. Returns only by the end of the process, with exit
   * code 0 if every accepted request was answered and 1 otherwise.
   *
   * @param onReady called when every model wanted at start is served or has failed for good
   * @throws StartException if the server could not start
   */
  static void run(SalverConfig config, Consumer<SalverServer> onReady) {
    Logging logging = Logging.configure(config.log().format(), config.log().level());
    SalverServer server = SalverServer.start(config);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, logging), "salver-stop"));
    server.awaitReady();
    LOG.log(Level.INFO, "Ready");
    onReady.accept(server);
    awaitStop();
  }

  private static void stop(SalverServer server, Logging logging) {
    say(logging, "Stopping: answering what was accepted");
    boolean answered = server.drain();
    server.close();
    say(logging, answered ? "Stopped" : "Stopped; some requests were not answered in time");
    // The exit code of a process that a signal ended would be that signal's.
    Runtime.getRuntime().halt(answered ? 0 : 1);
  }

  /** The loggers' own handlers are closed by a hook that runs beside this one. */
  private static void say(Logging logging, String message) {
    logging.lastWords(ServerProcess.class, message);
  }

  private static void awaitStop() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
