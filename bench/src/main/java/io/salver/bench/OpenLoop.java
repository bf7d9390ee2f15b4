package io.salver.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Sends REST predictions at a rate of its own, whatever becomes of them: at random intervals, each
 * timed from when it was due. Or, to find out what a server carries, keeps so many open at a time.
 * What is sent in the first {@link #WARM_UP} counts for nothing. One thread that never sleeps does
 * all of it, over as many HTTP/1.1 connections as requests are open, so that its own lateness is
 * microseconds. Needs nothing but the JDK, so that it can be started from source.
 *
 * <p>Prints a line for each model: requests sent, answered per second, median and 99th percentile
 * of those in microseconds, how many were refused with 429 or 503, and how many failed otherwise;
 * then, to standard error, what a refusal said, and what any other failure said.
 */
public final class OpenLoop {
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MAX_CONNECTIONS = 8_000;
  private static final String USAGE =
      """
      expected: open PORT SECONDS (MODEL REQUESTS_PER_SECOND)...
            or: closed PORT SECONDS (MODEL CLIENTS)...
      """;

  private final Selector selector = Selector.open();
  private final InetSocketAddress server;
  private final long beginNs = System.nanoTime();
  private final long countFromNs = beginNs + WARM_UP.toNanos();
  private final long endNs;
  private int connections;

  private OpenLoop(int port, Duration duration) throws IOException {
    this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    this.endNs = countFromNs + duration.toNanos();
  }

  /** Takes what {@link #USAGE} says. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 5
        || arguments.length % 2 == 0
        || !List.of("open", "closed").contains(arguments[0])) {
      System.err.print(USAGE);
      System.exit(2);
    }
    OpenLoop loop =
        new OpenLoop(
            Integer.parseInt(arguments[1]), Duration.ofSeconds(Long.parseLong(arguments[2])));
    List<Load> loads = new ArrayList<>();
    for (int i = 3; i < arguments.length; i += 2) {
      loads.add(
          arguments[0].equals("open")
              ? loop.new OpenLoad(arguments[i], Double.parseDouble(arguments[i + 1]), i)
              : loop.new ClosedLoad(arguments[i], Integer.parseInt(arguments[i + 1])));
    }
    loop.run(loads);
    loads.forEach(Load::report);
  }

  private void run(List<Load> loads) throws IOException {
    long nowNs = System.nanoTime();
    while (nowNs - endNs < 0) {
      for (Load load : loads) {
        load.sendDue(nowNs);
      }
      read();
      nowNs = System.nanoTime();
    }
    while (loads.stream().anyMatch(load -> load.open > 0)
        && System.nanoTime() - endNs < PATIENCE.toNanos()) {
      read();
    }
  }

  private void read() throws IOException {
    selector.selectNow(key -> ((Connection) key.attachment()).read());
  }

  /** What is sent to one model, and what came of it. */
  private abstract class Load {
    private final byte[] request;
    private final Deque<Connection> idle = new ArrayDeque<>();
    private long[] latenciesNs = new long[1 << 16];
    private int answered;
    private int sent;
    int open;
    private int refused;
    private int failed;
    private String refusal = "";
    private String failure = "";

    Load(String model) {
      String body = "{\"instances\": [1.0]}";
      String head =
          "POST /v1/models/%s:predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n";
      this.request =
          (head.formatted(model, body.length()) + body).getBytes(StandardCharsets.US_ASCII);
    }

    /** Sends what is due by now. */
    abstract void sendDue(long nowNs) throws IOException;

    final void send(long dueNs) throws IOException {
      if (counts(dueNs)) {
        sent++;
      }
      Connection connection = idle.poll();
      if (connection == null) {
        if (connections == MAX_CONNECTIONS) {
          failed(dueNs, "the generator has " + MAX_CONNECTIONS + " connections open");
          return;
        }
        connection = new Connection(this);
      }
      open++;
      connection.send(dueNs);
    }

    private boolean counts(long dueNs) {
      return dueNs - countFromNs >= 0;
    }

    final void answered(Connection connection, int status, String text) {
      open--;
      idle.push(connection);
      if (!counts(connection.dueNs)) {
        return;
      }
      if (status == 200) {
        if (answered == latenciesNs.length) {
          latenciesNs = Arrays.copyOf(latenciesNs, 2 * answered);
        }
        latenciesNs[answered++] = System.nanoTime() - connection.dueNs;
      } else if (status == 429 || status == 503) {
        refused++;
        refusal = text.replaceAll("\\s+", " ");
      } else {
        failed(connection.dueNs, text.replaceAll("\\s+", " "));
      }
    }

    final void failed(long dueNs, String text) {
      if (counts(dueNs)) {
        failed++;
        failure = text;
      }
    }

    final void report() {
      long[] sorted = Arrays.copyOf(latenciesNs, answered);
      Arrays.sort(sorted);
      if (open > 0) {
        failed += open;
        failure = open + " were not answered within " + PATIENCE.toSeconds() + " s";
      }
      System.out.printf(
          "%d %.1f %d %d %d %d%n",
          sent,
          answered / ((endNs - countFromNs) / 1e9),
          quantileUs(sorted, 0.5),
          quantileUs(sorted, 0.99),
          refused,
          failed);
      if (!refusal.isEmpty()) {
        System.err.println(refusal);
      }
      if (!failure.isEmpty()) {
        System.err.println("failed otherwise: " + failure);
      }
    }

    private static long quantileUs(long[] sorted, double quantile) {
      return sorted.length == 0 ? 0 : sorted[(int) (quantile * (sorted.length - 1))] / 1_000;
    }
  }

  /** Sends at a rate: a Poisson process. */
  private final class OpenLoad extends Load {
    private final double perSecond;
    private final Random random;
    private double nextNs;

    OpenLoad(String model, double perSecond, long seed) {
      super(model);
      this.perSecond = perSecond;
      this.random = new Random(seed);
    }

    @Override
    void sendDue(long nowNs) throws IOException {
      while (beginNs + (long) nextNs - nowNs <= 0) {
        send(beginNs + (long) nextNs);
        nextNs += -Math.log(1 - random.nextDouble()) * 1e9 / perSecond;
      }
    }
  }

  /** Keeps as many requests open as there are clients. */
  private final class ClosedLoad extends Load {
    private final int clients;

    ClosedLoad(String model, int clients) {
      super(model);
      this.clients = clients;
    }

    @Override
    void sendDue(long nowNs) throws IOException {
      while (open < clients) {
        send(System.nanoTime());
      }
    }
  }

  /** A connection that asks, waits for the whole answer, and can then ask again. */
  private final class Connection {
    private final Load load;
    private final SocketChannel channel;
    private final ByteBuffer request;
    private final ByteBuffer in = ByteBuffer.allocateDirect(8 << 10);
    private final SelectionKey key;
    private long dueNs;

    Connection(Load load) throws IOException {
      this.load = load;
      this.request = ByteBuffer.allocateDirect(load.request.length).put(load.request);
      channel = SocketChannel.open(server);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      key = channel.register(selector, SelectionKey.OP_READ, this);
      connections++;
    }

    void send(long dueNs) {
      this.dueNs = dueNs;
      try {
        channel.write(request.rewind());
        if (request.hasRemaining()) {
          throw new IOException("the server does not read");
        }
      } catch (IOException e) {
        end(e.toString());
      }
    }

    void read() {
      try {
        if (channel.read(in) < 0) {
          end("the server closed the connection");
          return;
        }
      } catch (IOException e) {
        end(e.toString());
        return;
      }
      byte[] bytes = new byte[in.position()];
      in.get(0, bytes);
      String answer = new String(bytes, StandardCharsets.ISO_8859_1);
      int body = answer.indexOf("\r\n\r\n") + 4;
      if (body < 4) {
        return;
      }
      String head = answer.substring(0, body).toLowerCase(Locale.ROOT);
      int length = head.indexOf("content-length:") + "content-length:".length();
      int bodyBytes = Integer.parseInt(head.substring(length, head.indexOf('\r', length)).strip());
      if (answer.length() < body + bodyBytes) {
        return;
      }
      in.clear();
      int status = Integer.parseInt(answer.substring(9, 12));
      load.answered(this, status, answer.substring(body));
    }

    private void end(String reason) {
      key.cancel();
      connections--;
      load.open--;
      load.failed(dueNs, reason);
      try {
        channel.close();
      } catch (IOException e) {
        // It is gone either way.
      }
    }
  }
}
