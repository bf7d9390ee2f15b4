package io.salver.server.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/**
 * Takes what is sent by the OpenTelemetry protocol, and reads it with the protocol's own classes.
 */
final class OtlpReceiver implements AutoCloseable {
  private final List<ExportTraceServiceRequest> traces = new CopyOnWriteArrayList<>();
  private final List<ExportMetricsServiceRequest> metrics = new CopyOnWriteArrayList<>();
  private final List<String> tokens = new CopyOnWriteArrayList<>();
  private final CountDownLatch received = new CountDownLatch(1);
  private final HttpServer server;

  OtlpReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/traces",
        call -> take(call, in -> traces.add(ExportTraceServiceRequest.parseFrom(in))));
    server.createContext(
        "/v1/metrics",
        call -> take(call, in -> metrics.add(ExportMetricsServiceRequest.parseFrom(in))));
    server.start();
  }

  /** Reads a body. */
  private interface Reader {
    void read(InputStream in) throws IOException;
  }

  private void take(HttpExchange call, Reader reader) throws IOException {
    boolean zipped = "gzip".equals(call.getRequestHeaders().getFirst("content-encoding"));
    try (InputStream body = call.getRequestBody()) {
      reader.read(zipped ? new GZIPInputStream(body) : body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    tokens.add(String.valueOf(call.getRequestHeaders().getFirst("authorization")));
    call.getResponseHeaders().add("content-type", "application/x-protobuf");
    call.sendResponseHeaders(200, -1);
    call.close();
    received.countDown();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void awaitFirst() throws InterruptedException {
    if (!received.await(30, TimeUnit.SECONDS)) {
      throw new AssertionError("nothing was sent within 30 s");
    }
  }

  List<ExportTraceServiceRequest> traces() {
    return traces;
  }

  List<ExportMetricsServiceRequest> metrics() {
    return metrics;
  }

  List<String> tokens() {
    return tokens;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
