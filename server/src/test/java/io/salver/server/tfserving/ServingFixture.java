package io.salver.server.tfserving;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.salver.batching.ModelRunner;
import io.salver.batching.RunnerConfig;
import io.salver.batching.Spine;
import io.salver.lifecycle.ModelConfig;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcService;
import io.salver.server.http.HttpLimits;
import io.salver.server.http.HttpProtocols;
import io.salver.server.inference.StaticModels;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import io.salver.testkit.HalfPlusTwo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A server of test models on a socket, and clients that talk to it. */
final class ServingFixture implements AutoCloseable {
  static final String PREDICTION = "tensorflow.serving.PredictionService/";
  static final String MODEL = "tensorflow.serving.ModelService/";

  final ExamplesModel examples = new ExamplesModel();
  final StaticModels models =
      new StaticModels(ModelRunner.factory(RunnerConfig.DEFAULT))
          .add("half", 122, new HalfPlusTwo())
          .add("half", 123, new HalfPlusTwo())
          .add("examples", 7, examples)
          .label("half", "stable", 122);
  final ConcurrentLinkedQueue<String> observed = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<ModelServerConfigs> reloads = new ConcurrentLinkedQueue<>();

  /** What was configured last. */
  volatile List<ModelConfig> configured = List.of();

  /** What a configuration answers. */
  volatile Map<String, String> configureAnswer = Map.of();

  /** Whether a configuration is taken, and then runs out of time. */
  volatile boolean neverSettles;

  private final Listener listener;
  private final ManagedChannel channel;
  private final HttpClient http = HttpClient.newHttpClient();

  ServingFixture(boolean cors) {
    this(cors, List.of());
  }

  ServingFixture(boolean cors, List<GrpcMethod> more) {
    Predictor spine = new Spine(10_000);
    List<GrpcMethod> methods = new ArrayList<>(more);
    methods.addAll(new PredictionService(models, spine, this::observe, false).methods());
    methods.addAll(
        new ModelService(
                models,
                Set.of("tensorflow"),
                Duration.ofSeconds(5),
                actor -> this::configure,
                reloads::add)
            .methods());
    RestApi rest = new RestApi(models, spine, this::observe, Duration.ofSeconds(30), cors);
    try {
      listener =
          Listener.start(
              ListenerConfig.onLoopback(0).withEventLoops(1),
              new HttpProtocols(rest, new GrpcService(methods, 1 << 20), HttpLimits.DEFAULT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = NettyChannelBuilder.forAddress("127.0.0.1", listener.port()).usePlaintext().build();
  }

  private Map<String, String> configure(List<ModelConfig> wanted, Duration limit, Runnable taken) {
    configured = List.copyOf(wanted);
    taken.run();
    if (neverSettles) {
      throw new ServingException(Category.DEADLINE_EXCEEDED, "not settled");
    }
    return configureAnswer;
  }

  private void observe(PredictRequest request, @Nullable ServingException failure) {
    observed.add(request.lease().version() + " " + (failure == null ? "OK" : failure.category()));
  }

  ManagedChannel channel() {
    return channel;
  }

  /** A blocking unary call with any messages. */
  <T extends Message> T call(String method, Message request, Parser<T> parser) {
    return ClientCalls.blockingUnaryCall(
        channel, method(method, parser), CallOptions.DEFAULT, request);
  }

  static <T extends Message> MethodDescriptor<Message, T> method(String name, Parser<T> parser) {
    return MethodDescriptor.<Message, T>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(name)
        .setRequestMarshaller(new Out<Message>())
        .setResponseMarshaller(new In<>(parser))
        .build();
  }

  /** Returns when the loop, of which there is one, is done with all that was answered before. */
  void settle() {
    get("/v1/models");
  }

  HttpResponse<String> get(String path) {
    return send(request(path).GET());
  }

  HttpResponse<String> post(String path, String body) {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
        .version(HttpClient.Version.HTTP_1_1);
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    http.close();
    listener.drain(Duration.ofSeconds(5));
    listener.close();
    models.close();
  }

  /** Serialises any message. */
  static final class Out<T extends Message> implements MethodDescriptor.Marshaller<T> {
    @Override
    public InputStream stream(T value) {
      return new ByteArrayInputStream(value.toByteArray());
    }

    @Override
    public T parse(InputStream stream) {
      throw new UnsupportedOperationException(Metadata.class.getName());
    }
  }

  /** Parses messages of one type. */
  static final class In<T extends Message> implements MethodDescriptor.Marshaller<T> {
    private final Parser<T> parser;

    In(Parser<T> parser) {
      this.parser = parser;
    }

    @Override
    public InputStream stream(T value) {
      return new ByteArrayInputStream(value.toByteArray());
    }

    @Override
    public T parse(InputStream stream) {
      try {
        return parser.parseFrom(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
