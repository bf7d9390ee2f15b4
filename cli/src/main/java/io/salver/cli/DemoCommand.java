package io.salver.cli;

import io.salver.cli.config.ListenConfig;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code salver demo}. */
@Command(
    name = "demo",
    sortOptions = false,
    description = "Serves the example models on this machine and prints commands to try.")
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port for gRPC clients (default: ${DEFAULT-VALUE}).")
  int port = ListenConfig.DEFAULT.grpcPort();

  @Option(
      names = "--rest_api_port",
      paramLabel = "N",
      description = "Port for REST clients (default: ${DEFAULT-VALUE}).")
  int restApiPort = ListenConfig.DEFAULT.restPort();

  @Override
  public Integer call() {
    ListenConfig listen = ListenConfig.onThisMachine(port, restApiPort);
    ServerProcess.run(
        ExampleModels.config(listen),
        server -> {
          server.awaitLoaded();
          print(System.out);
        });
    return 0;
  }

  private void print(PrintStream out) {
    String rest = "http://127.0.0.1:" + restApiPort;
    out.printf(
        Locale.ROOT,
        """
        Salver %s serves on 127.0.0.1, ready after %.2f s.

          half_plus_two        y = x / 2 + 2
          food_delivery_eta    minutes until the food is at the door; versions 1 (stable), 2 (canary)
          food_delivery_late   the probability that it takes more than 45 minutes, by trees
          dish                 which dish is in a picture: send a JPEG, get names

        Try, in the repository's directory:
          curl -d '{"instances": [1.0, 2.0, 5.0]}' %s/v1/models/half_plus_two:predict
          curl -d '{"instances": [{"orders_ahead": 3, "outstanding_orders": 12, "courier_load": 0.7, "distance_km": 2.4, "hour_of_day": 19}]}' %s/v1/models/food_delivery_eta:predict
          curl -d '{"instances": [{"orders_ahead": 8, "outstanding_orders": 40, "courier_load": 1.6, "distance_km": 6.5, "hour_of_day": 20}]}' %s/v1/models/food_delivery_late:predict
          curl -d '{"instances": [{"b64": "'$(base64 -w0 examples/images/pizza.jpg)'"}]}' %s/v1/models/dish:predict

        Look:
          %s/                                        the console, in a browser
          %s/v1/models                               what is served, and why
          %s/v1/models/food_delivery_eta/metadata    what it takes and gives
          %s/metrics                                 counters and timings

        gRPC clients of TensorFlow Serving: 127.0.0.1:%d
        Stop with Ctrl-C.
        """,
        SalverVersion.VERSION,
        secondsSinceStart(),
        rest,
        rest,
        rest,
        rest,
        rest,
        rest,
        rest,
        rest,
        port);
    out.flush();
  }

  private static double secondsSinceStart() {
    return ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0;
  }
}
