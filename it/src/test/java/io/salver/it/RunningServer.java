package io.salver.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code ./salver serve} on free ports of the loopback, ready, with a client for each protocol. */
final class RunningServer implements AutoCloseable {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final SalverProcess process;
  private final int grpcPort;
  private final int restPort;
  private final RestClient rest;
  private final GrpcClient grpc;

  private RunningServer(SalverProcess process, int grpcPort, int restPort) {
    this.process = process;
    this.grpcPort = grpcPort;
    this.restPort = restPort;
    this.rest = new RestClient(restPort);
    this.grpc = new GrpcClient(grpcPort);
  }

  /** Starts it with these options of {@code serve}, and returns once it is ready. */
  static RunningServer start(String... options) throws Exception {
    return start(Map.of(), options);
  }

  /** As the other, with these variables in its environment. */
  static RunningServer start(Map<String, String> environment, String... options) throws Exception {
    int grpcPort = SalverProcess.freePort();
    int restPort = SalverProcess.freePort();
    List<String> arguments = new ArrayList<>(List.of("serve"));
    arguments.add("--port=" + grpcPort);
    arguments.add("--rest_api_port=" + restPort);
    arguments.addAll(List.of(options));
    SalverProcess process = SalverProcess.start(environment, arguments.toArray(String[]::new));
    RunningServer server = new RunningServer(process, grpcPort, restPort);
    try {
      process.awaitLine("Ready");
    } catch (AssertionError e) {
      server.close();
      throw e;
    }
    return server;
  }

  SalverProcess process() {
    return process;
  }

  int grpcPort() {
    return grpcPort;
  }

  int restPort() {
    return restPort;
  }

  RestClient rest() {
    return rest;
  }

  GrpcClient grpc() {
    return grpc;
  }

  /** A metric without labels. */
  double metric(String name) throws IOException, InterruptedException {
    Matcher matcher =
        Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(rest.get("/metrics").body());
    if (!matcher.find()) {
      throw new AssertionError("no metric " + name);
    }
    return Double.parseDouble(matcher.group(1));
  }

  /** The memory that the process occupies. */
  long residentKib() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    Matcher matcher = RESIDENT.matcher(Files.readString(status));
    if (!matcher.find()) {
      throw new AssertionError("no VmRSS in " + status);
    }
    return Long.parseLong(matcher.group(1));
  }

  /** Files, connections among them, that the process has open. */
  long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      return files.count();
    }
  }

  @Override
  public void close() {
    grpc.close();
    rest.close();
    process.close();
  }
}
