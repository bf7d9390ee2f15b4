package io.salver.bench;

import io.netty.buffer.ByteBuf;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.http.HttpProtocols;
import io.salver.server.json.JsonReader;
import io.salver.server.json.JsonTensorReader;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.TensorArena;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a request with an image in JSON costs from the socket to the tensor: a server on loopback
 * that reads {@code {"instances": [...]}} and answers with two bytes, asked by one connection.
 * Prints the CPU time of the event loop's thread, system calls included, for each request.
 */
public final class BodyToTensor implements HttpHandler {
  private static final int WARM_UP = 300;
  private static final int REQUESTS = 300;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final boolean decode;
  private final ArenaPool arenas = new ArenaPool(1 << 26);
  private final JsonReader reader = new JsonReader();
  private final JsonTensorReader tensors = new JsonTensorReader(reader);
  private final long[] cpuNs = new long[REQUESTS];
  private long before;
  private int handled;

  private BodyToTensor(boolean decode) {
    this.decode = decode;
  }

  /** Measures one body without and with decoding it. */
  public static void main(String[] args) throws IOException {
    JsonDecodeBenchmark image = new JsonDecodeBenchmark();
    for (String kind : new String[] {"image", "imageOfDoubles"}) {
      image.body = kind;
      byte[] body = image.text();
      System.out.printf("%s, %d bytes%n", kind, body.length);
      new BodyToTensor(false).measure(body);
      new BodyToTensor(true).measure(body);
    }
    image.close();
  }

  private void measure(byte[] body) throws IOException {
    ListenerConfig config = ListenerConfig.onLoopback(0).withEventLoops(1);
    try (Listener listener = Listener.start(config, HttpProtocols.plain(this));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
      byte[] head =
          ("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: " + body.length + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      byte[] answer = new byte[1024];
      for (int i = 0; i < WARM_UP + REQUESTS; i++) {
        out.write(head);
        out.write(body);
        if (in.read(answer) < 0) {
          throw new IOException("closed");
        }
      }
    }
    Arrays.sort(cpuNs);
    System.out.printf(
        "  %s: median %.2f ms, 90 %% below %.2f ms%n",
        decode ? "from socket to tensor" : "from socket to body",
        cpuNs[REQUESTS / 2] / 1e6,
        cpuNs[REQUESTS * 9 / 10] / 1e6);
  }

  @Override
  public void handle(HttpExchange exchange) {
    if (decode) {
      decode(exchange.body(), exchange.bodyLength());
    }
    ByteBuf answer = exchange.newBody(2);
    answer.writeBytes(new byte[] {'o', 'k'});
    exchange.respond(200, "text/plain", answer);
    long now = THREADS.getCurrentThreadCpuTime();
    int measured = handled++ - WARM_UP;
    if (measured >= 0) {
      cpuNs[measured] = now - before;
    }
    before = now;
  }

  private void decode(byte[] body, int length) {
    try (TensorArena arena = arenas.take()) {
      reader.reset(body, length);
      reader.firstMember();
      reader.firstElement();
      tensors.begin(DType.FLOAT32, arena);
      do {
        tensors.readRow();
      } while (reader.nextElement());
      if (tensors.finishRows().elementCount() != 224 * 224 * 3) {
        throw new IllegalStateException("elements");
      }
    }
  }
}
