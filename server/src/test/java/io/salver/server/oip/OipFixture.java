package io.salver.server.oip;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.salver.batching.Spine;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.grpc.GrpcService;
import io.salver.server.http.HttpLimits;
import io.salver.server.http.HttpProtocols;
import io.salver.server.inference.InferenceObserver;
import io.salver.server.inference.InlineRunner;
import io.salver.server.inference.StaticModels;
import io.salver.server.metrics.Method;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelInferResponse;
import io.salver.tensor.DType;
import io.salver.testkit.HalfPlusTwo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** The protocol on a socket, and clients that speak it. */
final class OipFixture implements AutoCloseable {
  static final String JSON_LENGTH = "Inference-Header-Content-Length";

  final StaticModels models =
      new StaticModels(InlineRunner.FACTORY)
          .add("half", 122, new HalfPlusTwo())
          .add("half", 123, new HalfPlusTwo())
          .add("pair", 1, Echo.pair());
  final Queue<String> observed = new ConcurrentLinkedQueue<>();
  private final Listener listener;
  private final ManagedChannel channel;
  private final HttpClient http = HttpClient.newHttpClient();

  OipFixture() {
    for (DType dtype : DType.values()) {
      models.add("echo_" + Datatypes.name(dtype), 1, Echo.of(dtype));
    }
    Spine spine = new Spine(10_000);
    OipControl control = new OipControl();
    OipRest rest =
        new OipRest(models, spine, new Notes(), Duration.ofSeconds(30), "1.2.3", control);
    OipGrpc grpc = new OipGrpc(models, spine, new Notes(), "1.2.3", control);
    try {
      listener =
          Listener.start(
              ListenerConfig.onLoopback(0).withEventLoops(1),
              new HttpProtocols(
                  rest, new GrpcService(grpc.methods(), 8 << 20), HttpLimits.DEFAULT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = NettyChannelBuilder.forAddress("127.0.0.1", listener.port()).usePlaintext().build();
  }

  int port() {
    return listener.port();
  }

  ManagedChannel channel() {
    return channel;
  }

  boolean drain() {
    return listener.drain(Duration.ofSeconds(10));
  }

  ModelInferResponse infer(ModelInferRequest request) {
    return call("ModelInfer", request, ModelInferResponse.parser());
  }

  <T extends Message> T call(String method, Message request, Parser<T> parser) {
    return ClientCalls.blockingUnaryCall(
        channel,
        method(MethodDescriptor.MethodType.UNARY, method, parser),
        CallOptions.DEFAULT,
        request);
  }

  static <T extends Message> MethodDescriptor<Message, T> method(
      MethodDescriptor.MethodType type, String name, Parser<T> parser) {
    return MethodDescriptor.<Message, T>newBuilder()
        .setType(type)
        .setFullMethodName("inference.GRPCInferenceService/" + name)
        .setRequestMarshaller(new Messages<Message>(null))
        .setResponseMarshaller(new Messages<>(parser))
        .build();
  }

  HttpResponse<byte[]> get(String path) {
    return send(request(path).GET());
  }

  HttpResponse<byte[]> post(String path, String body, String... headers) {
    return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  HttpResponse<byte[]> post(String path, byte[] body, String... headers) {
    HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
        .version(HttpClient.Version.HTTP_1_1)
        .timeout(Duration.ofSeconds(30));
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Returns when the loop, of which there is one, is done with all that was answered before. */
  void settle() {
    get("/v2/health/live");
  }

  @Override
  public void close() {
    channel.shutdownNow();
    http.close();
    listener.close();
    models.close();
  }

  /** Writes down what it is told. */
  private final class Notes implements InferenceObserver {
    @Override
    public void finished(
        Method method, PredictRequest request, @Nullable ServingException failure) {
      observed.add(
          method
              + " "
              + request.lease().version()
              + " "
              + (failure == null ? "OK" : failure.category()));
    }

    @Override
    public void refused(Method method, String model, ServingException failure, long receivedNs) {
      observed.add(method + " " + model + " refused " + failure.category());
    }
  }

  private record Messages<T extends Message>(@Nullable Parser<T> parser)
      implements MethodDescriptor.Marshaller<T> {
    @Override
    public InputStream stream(T value) {
      return new ByteArrayInputStream(value.toByteArray());
    }

    @Override
    public T parse(InputStream stream) {
      if (parser == null) {
        throw new UnsupportedOperationException("only sent");
      }
      try {
        return parser.parseFrom(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
