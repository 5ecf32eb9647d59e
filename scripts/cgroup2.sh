#!/usr/bin/env bash
# Runs the tests that need memory caps under a Linux kernel whose memory controller is of cgroup v2, for machines that have v1: in
# an emulated machine whose root is this one's, read-only beneath what the tests write. Caps, kills, floors, interruptions
# and the catalogue of outcomes unless tests are named. Usage: scripts/cgroup2.sh [TEST...] (parts of names). Takes a quarter of an hour.
# Needs Debian's qemu-system-x86, busybox-static and apt-get, which fetches the kernel (70 MB); 4 GiB of memory.
# Without hardware virtualisation, which guests seldom have, a processor is emulated: tests take ten times as long.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
tests=("${@:-}")
[ -n "${tests[0]}" ] || tests=(caps:: floor:: kills:: interruption:: killed:: bad_days::)
mkdir -p target
dir=$(mktemp -d "$root/target/cgroup2.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# The path of a suite of tests, built first.
suite() {
  cargo test --quiet -p "$1" --test "$2" --no-run --message-format json |
    python3 -c 'import json, sys
lines = [json.loads(line) for line in sys.stdin if line.startswith("{")]
print([line["executable"] for line in lines if line.get("executable") and "test" in line["target"]["kind"]][-1])'
}
e2e=$(suite plimsoll-cli e2e)
running=$(suite plimsoll-fixture running)

cd "$dir"
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p')
apt-get download -qq "$kernel" 2> /dev/null
dpkg-deb -x "$kernel"_*.deb kernel

# A first file system with what it takes to reach this machine's.
mkdir -p first/{bin,proc,sys,dev,modules,host,written,root}
cp "$(command -v busybox)" first/bin/busybox
modules=(virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci netfs fscache 9pnet 9pnet_virtio 9p overlay)
for module in "${modules[@]}"; do
  find kernel -name "$module.ko" -exec cp {} first/modules/ \;
done
cat > first/init <<INIT
#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc && mount -t sysfs sysfs /sys && mount -t devtmpfs devtmpfs /dev
for module in ${modules[*]}; do [ ! -e /modules/\$module.ko ] || insmod /modules/\$module.ko; done
mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,ro,msize=524288 host /host
mount -t tmpfs -o size=2g written /written && mkdir /written/upper /written/work
mount -t overlay -o lowerdir=/host,upperdir=/written/upper,workdir=/written/work overlay /root
mount -t proc proc /root/proc && mount -t sysfs sysfs /root/sys && mount -t devtmpfs devtmpfs /root/dev
mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts devpts /root/dev/pts && mount -t tmpfs shm /root/dev/shm && mount -t tmpfs run /root/run
mount -t cgroup2 cgroup2 /root/sys/fs/cgroup
chroot /root /bin/bash $dir/tests.sh && echo "emulated machine: tests passed"
poweroff -f
INIT
chmod +x first/init
(cd first && find . | busybox cpio -o -H newc 2> /dev/null | gzip -1 > ../first.gz)

cat > tests.sh <<TESTS
failed=
export HOME=$HOME PATH=$PATH CI=true PLIMSOLL_REQUIRE_CAPS=1
echo "Linux \$(uname -r), controllers of cgroup v2: \$(cat /sys/fs/cgroup/cgroup.controllers)"
cd $root/harness/cli
$e2e --test-threads 2 ${tests[*]} < /dev/null 2>&1 || failed=yes
cd $root/harness/fixture
$running --test-threads 2 $([ $# -eq 0 ] || echo "$*") < /dev/null 2>&1 || failed=yes
left=\$(find /sys/fs/cgroup -mindepth 1 -type d)
[ -z "\$left" ] || { echo "left: \$left"; failed=yes; }
[ -z "\$failed" ]
TESTS

timeout 3600 qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m 4G -smp 2 -nographic -no-reboot \
  -kernel kernel/boot/vmlinuz-* -initrd first.gz -append "console=ttyS0 quiet loglevel=1 panic=-1 psi=1" \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap < /dev/null | tee console.txt
grep -q 'emulated machine: tests passed' console.txt
