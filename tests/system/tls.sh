# TLS and AUTH towards real servers: Exim with STARTTLS, implicit TLS and
# authenticators, Postfix with STARTTLS. What must be verified is, or waits;
# a password is never said in clear.

. tests/lib/tap.sh
. tests/lib/peers.sh

bin=$PWD/$BUILD
conf=$tap_dir/bangway.conf
export BANGWAY_CONFIG=$conf
ok "the peers are unpacked" peers_unpack

# An authority of our own, a certificate for localhost, one for somebody else.
(
	cd "$tap_dir" || exit 1
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=test authority' -keyout ca.key -out ca.pem
	for name in localhost other.example; do
		openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr
		printf 'subjectAltName=DNS:%s\n' $name >$name.ext
		openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext -out $name.pem
	done
) >"$tap_dir/openssl.log" 2>&1 || bail "no certificates: $(tail -3 "$tap_dir/openssl.log")"
chmod 644 "$tap_dir"/*.key

tls_port=$(free_port)
exim_port=$(free_port)
EXIM_MAIN="tls_advertise_hosts = *
tls_certificate = $tap_dir/localhost.pem
tls_privatekey = $tap_dir/localhost.key
tls_on_connect_ports = $tls_port
auth_advertise_hosts = *"
EXIM_AUTH="begin authenticators
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{\$auth1}{argo}{correct horse}fail}
  server_set_id = \$auth1
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{argo}}{eq{\$auth3}{correct horse}}}}
  server_set_id = \$auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| User: | Password:
  server_condition = \${if and{{eq{\$auth1}{argo}}{eq{\$auth2}{correct horse}}}}
  server_set_id = \$auth1"
ok "Exim is up" exim_start "$tap_dir/exim" "$exim_port : $tls_port"
postfix_port=$(free_port)
ok "Postfix is up" postfix_start "$tap_dir/postfix" "$postfix_port" <<M
smtpd_tls_cert_file = $tap_dir/other.example.pem
smtpd_tls_key_file = $tap_dir/other.example.key
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
M

umask 077
echo 'argo:correct horse' >"$tap_dir/secret"
echo 'argo:battery staple' >"$tap_dir/wrong"
umask 022
mkdir "$tap_dir/mail"
route() { printf '{ to = "%s"; next-hop = "smtp:localhost:%s"; %s },\n' "$@"; }
ca="ca-file = \"$tap_dir/ca.pem\";"
auth="auth = \"$tap_dir/secret\"; auth-mechanisms"
{
	cat <<C
hostname   = "gw.example.com";
domains    = [ "gw.example.com" ];
local      = "maildir:$tap_dir/mail/%u";
postmaster = "postmaster@gw.example.com";
spool      = { directory = "$tap_dir/spool"; };
control-socket = "$tap_dir/control";
routes = (
C
	route starttls.example "$exim_port" "tls = \"verify\"; $ca"
	route implicit.example "$tls_port" "tls = \"verify\"; tls-implicit = true; $ca"
	route cram.example "$exim_port" "tls = \"verify\"; $ca $auth = \"CRAM-MD5\";"
	route plain.example "$exim_port" "tls = \"verify\"; $ca $auth = \"PLAIN\";"
	route login.example "$tls_port" "tls = \"verify\"; tls-implicit = true; $ca $auth = \"LOGIN\";"
	route wrong.example "$exim_port" "tls = \"verify\"; $ca auth = \"$tap_dir/wrong\";"
	route clear.example "$exim_port" "tls = \"off\"; $auth = \"PLAIN\";"
	route stranger.example "$exim_port" 'tls = "verify";'
	route name.example "$postfix_port" "tls = \"verify\"; $ca"
	route anybody.example "$postfix_port" 'tls = "opportunistic";'
	echo '{ to = "*"; next-hop = "reject:5.1.2 nowhere"; } );'
} >"$conf"
ok "check likes the configuration" "$bin/bangway" check
"$bin/bangwayd" >"$tap_dir/log" 2>&1 &
daemon=$!
started $daemon
ok "the daemon is up" within 10 "$bin/bangway" status
good="starttls implicit cram plain login anybody"
bad="wrong clear stranger name"
for domain in $good $bad; do
	printf 'From: ann@gw.example.com\nTo: bob@%s.example\nSubject: %s\n\nx\n' $domain $domain |
		"$bin/rmail" "bob@$domain.example" 2>>"$tap_dir/rmail.log" || bail "rmail: $domain"
done

arrived() { grep -l "^recipient bob@$1.example" "$tap_dir"/exim/out/* "$tap_dir"/postfix/out/* 2>/dev/null; }
got() { cat $(arrived "$1"); }
for domain in $good; do ok "$domain: it arrives" within 20 arrived $domain; done
like "starttls: encrypted" "$(got starttls)" 'with esmtps'
like "implicit: encrypted" "$(got implicit)" 'with esmtps'
for domain in cram plain login; do like "$domain: encrypted, and known" "$(got $domain)" 'with esmtpsa'; done
like "anybody: encrypted, whoever it is" "$(got anybody)" 'using TLS'
waits() { grep -E "session-end .*next-hop=smtp:localhost" "$tap_dir/log" | grep -qE "$1"; }
ok "wrong: the password is refused, and said so" within 10 waits '535|[Pp]assword|[Aa]uthentication'
ok "clear: no password without encryption" within 10 waits 'clear|encrypt'
ok "stranger, name: certificates are not believed" within 10 waits '[Cc]ertificate'
for domain in $bad; do
	is "$domain: nothing has arrived" "$(arrived $domain)" ""
	like "$domain: it waits" "$("$bin/bangway" queue --to $domain.example)" "$domain"
done
is "the password is nowhere in the log" "$(grep -c 'correct horse\|battery' "$tap_dir/log")" 0
kill $daemon
wait $daemon
[ $tap_failed -eq 0 ] || diag "$(tail -30 "$tap_dir/log" | cut -c1-220)" "$(tail -n 5 "$tap_dir/exim/log/"*)"
done_testing
