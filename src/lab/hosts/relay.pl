# Passes frames between two interfaces of the switch, each after a random delay: jitter for kernels without netem.
# Arguments: the two interfaces, and the longest delay in milliseconds. Frames of one direction keep their order, as on a cable.
# It ends when an interface is gone, which is when the host at its end lost its power.
use strict;
use warnings;
use Socket qw(SOCK_RAW MSG_DONTWAIT);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my ($one, $other, $longest) = @ARGV;

# From linux/if_packet.h and linux/if_ether.h. With the header of virtio_net a frame keeps what the network card would have
# done: a checksum that is still missing and segments that are still to be cut, which the other side then does.
use constant {
    AF_PACKET              => 17,
    ETH_P_ALL              => 0x0003,
    SOL_PACKET             => 263,
    PACKET_VNET_HDR        => 15,
    PACKET_IGNORE_OUTGOING => 23,
    FRAME_BYTES            => 70_000,
    BATCH                  => 64,
};

sub port {
    my ($name) = @_;
    open my $file, '<', "/sys/class/net/$name/ifindex" or die "cannot find interface $name: $!\n";
    chomp(my $index = <$file>);
    my $protocol = unpack 'S', pack('n', ETH_P_ALL);
    socket my $socket, AF_PACKET, SOCK_RAW, $protocol or die "cannot open a packet socket: $!\n";
    for my $option (PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING) {
        setsockopt $socket, SOL_PACKET, $option, pack('i', 1) or die "cannot set packet option $option: $!\n";
    }
    bind $socket, pack('S S l S C C a8', AF_PACKET, $protocol, $index, 0, 0, 0, '')
        or die "cannot bind to interface $name: $!\n";
    return $socket;
}

sub now { return clock_gettime(CLOCK_MONOTONIC) }

sub there { return -e "/sys/class/net/$one" && -e "/sys/class/net/$other" }

my @socket = (port($one), port($other));
# What waits in each direction, due times never falling.
my @waiting = ([], []);
my @latest = (0, 0);

sub take {
    my ($from) = @_;
    for (1 .. BATCH) {
        my $frame;
        return if !defined recv $socket[$from], $frame, FRAME_BYTES, MSG_DONTWAIT;
        my $due = now() + rand($longest) / 1000;
        $latest[$from] = $due if $due > $latest[$from];
        push @{ $waiting[$from] }, [$latest[$from], $frame];
    }
}

sub pass {
    my ($from) = @_;
    my $queue = $waiting[$from];
    while (@$queue && $queue->[0][0] <= now()) {
        # A full queue or a cable that is out loses the frame, as it would without us.
        send $socket[1 - $from], (shift @$queue)->[1], MSG_DONTWAIT;
    }
}

while (there()) {
    my ($soonest) = sort { $a <=> $b } map { @$_ ? $_->[0][0] - now() : () } @waiting;
    my $timeout = defined $soonest ? ($soonest > 0 ? $soonest : 0) : 1;
    my $readable = '';
    vec($readable, fileno($_), 1) = 1 for @socket;
    select $readable, undef, undef, $timeout;
    for my $side (0, 1) { take($side); pass($side) }
}
