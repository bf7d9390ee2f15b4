package io.salver.examples.onnx;

import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Reads back what the writer wrote, with another piece of code than the writer's own. */
public final class OnnxGraphs {
  private OnnxGraphs() {}

  /** A model's header and graph, as far as the tests look at it. */
  public record Model(
      long irVersion,
      long operatorSet,
      String producer,
      long version,
      String description,
      List<String> metadata,
      List<String> nodes,
      List<String> inputs,
      List<String> outputs,
      List<String> initialisers) {}

  /** Reads a model. Nodes read {@code Add(a, b) -> c}, inputs {@code x: type 1 [batch]}. */
  public static Model read(byte[] file) {
    return new Reader(file).model();
  }

  private static final class Reader {
    private final ProtoReader in;
    private final List<String> metadata = new ArrayList<>();
    private final List<String> nodes = new ArrayList<>();
    private final List<String> inputs = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();
    private final List<String> initialisers = new ArrayList<>();
    private long irVersion;
    private long operatorSet;
    private long version;
    private String producer = "";
    private String description = "";

    Reader(byte[] file) {
      in = new ProtoReader(MemorySegment.ofArray(file));
    }

    Model model() {
      while (in.next()) {
        switch (in.field()) {
          case 1 -> irVersion = in.readInt64();
          case 2 -> producer = in.readString();
          case 5 -> version = in.readInt64();
          case 6 -> description = in.readString();
          case 7 -> within(this::graph);
          case 8 -> within(() -> operatorSet = in.field() == 2 ? in.readInt64() : skipped());
          case 14 -> metadata.add(entry());
          default -> in.skip();
        }
      }
      return new Model(
          irVersion,
          operatorSet,
          producer,
          version,
          description,
          metadata,
          nodes,
          inputs,
          outputs,
          initialisers);
    }

    private long skipped() {
      in.skip();
      return operatorSet;
    }

    private void within(Runnable field) {
      long outer = in.enter();
      while (in.next()) {
        field.run();
      }
      in.leave(outer);
    }

    private void graph() {
      switch (in.field()) {
        case 1 -> nodes.add(node());
        case 5 -> initialisers.add(initialiser());
        case 11 -> inputs.add(value());
        case 12 -> outputs.add(value());
        default -> in.skip();
      }
    }

    private String entry() {
      StringBuilder text = new StringBuilder();
      within(() -> text.append(in.field() == 2 ? "=" : "").append(in.readString()));
      return text.toString();
    }

    private String node() {
      List<String> read = new ArrayList<>();
      List<String> written = new ArrayList<>();
      StringBuilder operator = new StringBuilder();
      within(() -> {
        switch (in.field()) {
          case 1 -> read.add(in.readString());
          case 2 -> written.add(in.readString());
          case 4 -> operator.append(in.readString());
          case 5 -> operator.append(attribute());
          default -> in.skip();
        }
      });
      return operator + "(" + String.join(", ", read) + ") -> " + String.join(", ", written);
    }

    private String attribute() {
      StringBuilder text = new StringBuilder("{");
      within(() -> {
        switch (in.field()) {
          case 1 -> text.append(in.readString()).append('=');
          case 3 -> text.append(in.readInt64());
          case 8 -> text.append(in.readInt64()).append(' ');
          case 20 -> text.append(" type ").append(in.readInt64());
          default -> in.skip();
        }
      });
      return text.append('}').toString();
    }

    private String value() {
      StringBuilder text = new StringBuilder();
      within(() -> {
        switch (in.field()) {
          case 1 -> text.append(in.readString()).append(": ");
          case 2 -> within(() -> within(() -> tensorType(text)));
          default -> in.skip();
        }
      });
      return text.toString();
    }

    private void tensorType(StringBuilder text) {
      switch (in.field()) {
        case 1 -> text.append("type ").append(in.readInt64());
        case 2 -> {
          List<String> dimensions = new ArrayList<>();
          within(() -> within(() -> dimensions.add(dimension())));
          text.append(' ').append(dimensions);
        }
        default -> in.skip();
      }
    }

    private String dimension() {
      return in.field() == 1 ? Long.toString(in.readInt64()) : in.readString();
    }

    private String initialiser() {
      List<Long> dimensions = new ArrayList<>();
      StringBuilder text = new StringBuilder();
      within(() -> {
        switch (in.field()) {
          case 1 -> dimensions.add(in.readInt64());
          case 2 -> text.append(": type ").append(in.readInt64()).append(' ');
          case 8 -> text.insert(0, in.readString());
          case 9 -> text.append(dimensions).append(' ').append(in.readBytes().byteSize());
          default -> in.skip();
        }
      });
      return text.append(" bytes").toString();
    }
  }
}
